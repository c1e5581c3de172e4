import { checkAuditLog } from '../../../shared/audit/check-log.ts';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { publicKeyAt } from '../../../shared/crypto/public-key.ts';
import { coordinatorFolder } from '../../node/coordinator-folder.ts';

export interface CoordinatorAuditOptions {
  readonly folder: string;
  /** Signed heads of this log that a site kept, one a line. */
  readonly witness: string | undefined;
}

/** Whether the coordinator's audit log is whole. @throws ConsiliumError as `checkAuditLog` and `publicKeyAt`. */
export async function runCoordinatorAuditVerify(
  options: CoordinatorAuditOptions,
  _io: CommandIo,
): Promise<CommandResult> {
  const { audit, identityKey } = coordinatorFolder(options.folder);
  const publicKey = await publicKeyAt(identityKey);
  return checkAuditLog({ folder: audit, witness: options.witness, publicKey });
}
