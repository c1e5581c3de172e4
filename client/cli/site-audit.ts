import { checkAuditLog } from '../../shared/audit/check-log.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { publicKeyAt } from '../../shared/crypto/public-key.ts';
import { nodeFolder } from '../node/node-folder.ts';

export interface SiteAuditOptions {
  readonly folder: string;
  /** Signed heads of this log that the coordinator kept, one a line. */
  readonly witness: string | undefined;
}

/** Whether the site's audit log is whole. @throws ConsiliumError as `checkAuditLog` and `publicKeyAt`. */
export async function runSiteAuditVerify(options: SiteAuditOptions, _io: CommandIo): Promise<CommandResult> {
  const { audit, identityKey } = nodeFolder(options.folder);
  const publicKey = await publicKeyAt(identityKey);
  return checkAuditLog({ folder: audit, witness: options.witness, publicKey });
}
