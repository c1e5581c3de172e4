import { existsSync } from 'node:fs';
import { checkAuditLog } from '../../shared/audit/check-log.ts';
import { readText } from '../../shared/config/read-text.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { publicKeyAt } from '../../shared/crypto/public-key.ts';
import { parseRoster } from '../../shared/identity/roster.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { NODE, readNodeFile } from '../node/node-file.ts';
import { nodeFolder } from '../node/node-folder.ts';

export interface SiteAuditOptions {
  readonly folder: string;
  /** Signed heads of this log that the coordinator kept, one a line. */
  readonly witness: string | undefined;
}

/** Whether the site's audit log is whole. @throws ConsiliumError as `checkAuditLog` and `publicKeyAt`. */
export async function runSiteAuditVerify(options: SiteAuditOptions, _io: CommandIo): Promise<CommandResult> {
  const { audit, identityKey, rosters, nodeFile } = nodeFolder(options.folder);
  const publicKey = await publicKeyAt(identityKey);
  const formerKeys = await listedKeys(rosters, nodeFile);
  return checkAuditLog({ folder: audit, witness: options.witness, publicKey, formerKeys });
}

/** Every identity key that a roster ever had of this site. */
async function listedKeys(rosters: string, nodeFile: string): Promise<readonly Uint8Array[]> {
  if (!existsSync(nodeFile)) return [];
  const { site } = readNodeFile(readText(nodeFile, NODE), nodeFile);
  const held = (await rosterFolder(rosters).load()).map((bytes) => parseRoster(bytes).roster);
  return held.flatMap(({ sites }) => sites.filter(({ id }) => id === site).map(({ key }) => key));
}
