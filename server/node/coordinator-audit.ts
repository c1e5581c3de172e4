import { auditFile } from '../../shared/audit/audit-files.ts';
import { auditLine } from '../../shared/audit/audit-line.ts';
import { type AuditLog, openAuditLog } from '../../shared/audit/audit-log.ts';
import { openAppendFile } from '../../shared/core/append-file.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { makePrivateFolder } from '../../shared/crypto/private-files.ts';
import type { SigningKey } from '../../shared/crypto/sign.ts';
import { withLock } from '../storage/sqlite.ts';
import type { CoordinatorFolder } from './coordinator-folder.ts';

/** The coordinator's audit log: the process that runs and a command may write to it at the same time. */
export async function openCoordinatorAudit(
  { audit, auditLock, state }: CoordinatorFolder,
  { key, clock }: { readonly key: SigningKey; readonly clock: Clock },
): Promise<AuditLog> {
  await makePrivateFolder(state);
  return openAuditLog({ folder: audit, key, clock, exclusively: (work) => withLock(auditLock, work) });
}

/**
 * The first line of the log of a folder that was made of a backup; no key is needed, since none is there yet.
 * @param manifest hash of the backup's manifest.
 */
export async function beginRestoredAudit(
  { audit }: CoordinatorFolder,
  manifest: ContentHash,
  nowMs: number,
): Promise<void> {
  await makePrivateFolder(audit);
  const file = await openAppendFile(auditFile(audit, 1));
  try {
    await file.append(() =>
      auditLine({ type: 'backup.restored', data: { manifest: `sha256:${manifest}` } }, undefined, nowMs),
    );
  } finally {
    await file.close();
  }
}
