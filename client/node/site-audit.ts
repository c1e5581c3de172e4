import { type AuditLog, openAuditLog } from '../../shared/audit/audit-log.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { SigningKey } from '../../shared/crypto/sign.ts';
import { withLock } from '../storage/sqlite-lock.ts';
import type { NodeFolder } from './node-folder.ts';

/** The site's audit log: a daemon and a command may write to it at the same time. */
export function openSiteAudit(
  { audit, auditLock }: NodeFolder,
  { key, clock }: { readonly key: SigningKey; readonly clock: Clock },
): Promise<AuditLog> {
  return openAuditLog({ folder: audit, key, clock, exclusively: (work) => withLock(auditLock, work) });
}
