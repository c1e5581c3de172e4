import { existsSync } from 'node:fs';
import { readAudit } from '../../shared/audit/audit-files.ts';
import { checkAuditLog } from '../../shared/audit/check-log.ts';
import { CHAIN_WORDS } from '../../shared/audit/hash-chain.ts';
import type { AuditVerdict } from '../../shared/audit/verify.ts';
import { readText } from '../../shared/config/read-text.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { plural } from '../../shared/core/plural.ts';
import { publicKeyAt } from '../../shared/crypto/public-key.ts';
import { parseRoster } from '../../shared/identity/roster.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { NODE, readNodeFile } from '../node/node-file.ts';
import { nodeFolder } from '../node/node-folder.ts';
import { ledgerTexts } from '../storage/file-ledger.ts';
import { headsOnAudit, ledgerFlaw } from '../storage/ledger-chain.ts';

export interface SiteAuditOptions {
  readonly folder: string;
  /** Signed heads of this log that the coordinator kept, one a line. */
  readonly witness: string | undefined;
}

/**
 * Whether the site's audit log is whole, and the ledger of what left, whose head it keeps.
 * @throws ConsiliumError as `checkAuditLog` and `publicKeyAt`.
 */
export async function runSiteAuditVerify(options: SiteAuditOptions, _io: CommandIo): Promise<CommandResult> {
  const { audit, ledger, identityKey, rosters, nodeFile } = nodeFolder(options.folder);
  const publicKey = await publicKeyAt(identityKey);
  const formerKeys = await listedKeys(rosters, nodeFile);
  const heads = headsOnAudit((await readAudit(audit)).lines);
  const log = await checkAuditLog({ folder: audit, witness: options.witness, publicKey, formerKeys });
  const texts = await ledgerTexts(ledger);
  const bad = ledgerFlaw(texts, heads);
  const found =
    bad === undefined
      ? `${plural(texts.length, 'line')}, whole`
      : `line ${bad.seq}: ${CHAIN_WORDS[bad.flaw]}`;
  return {
    text: `${log.text}\nledger: ${found}`,
    data: {
      ...(log.data as AuditVerdict),
      ledger: bad === undefined ? { ok: true, lines: texts.length } : { ok: false, ...bad },
    },
    exitCode: bad === undefined ? (log.exitCode ?? 0) : 1,
  };
}

/** Every identity key that a roster ever had of this site. */
async function listedKeys(rosters: string, nodeFile: string): Promise<readonly Uint8Array[]> {
  if (!existsSync(nodeFile)) return [];
  const { site } = readNodeFile(readText(nodeFile, NODE), nodeFile);
  const held = (await rosterFolder(rosters).load()).map((bytes) => parseRoster(bytes).roster);
  return held.flatMap(({ sites }) => sites.filter(({ id }) => id === site).map(({ key }) => key));
}
