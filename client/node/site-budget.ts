import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readAudit } from '../../shared/audit/audit-files.ts';
import type { AuditLog } from '../../shared/audit/audit-log.ts';
import type { Clock } from '../../shared/core/clock.ts';
import { type BudgetLedger, budgetLedger } from '../privacy/budget-ledger.ts';
import { ledgerMarks } from '../privacy/ledger-marks.ts';
import { filePrivacyLedger, ledgerDamaged } from '../storage/privacy-ledger.ts';
import type { NodeFolder } from './node-folder.ts';

/** Where a site's ledger of spent budget lies. */
export function budgetFile({ state }: Pick<NodeFolder, 'state'>): string {
  return join(state, 'privacy-ledger.sqlite');
}

/**
 * The ledger of the site in `folder`, for its daemon: its first charge is announced on the audit log, and from then on a
 * ledger that is not there is a lost one.
 * @throws ConsiliumError `LEDGER_DAMAGED`: the daemon does not start.
 */
export async function openSiteBudget(
  folder: Pick<NodeFolder, 'state' | 'audit'>,
  tools: { readonly audit: Pick<AuditLog, 'append'>; readonly clock: Clock },
): Promise<BudgetLedger> {
  const path = budgetFile(folder);
  const marks = ledgerMarks((await readAudit(folder.audit)).lines);
  if (marks.length > 0 && !existsSync(path)) {
    throw ledgerDamaged(
      `${path}: expected the ledger of privacy budget that the audit log knows, got no file`,
    );
  }
  const store = await filePrivacyLedger(path);
  try {
    return await budgetLedger({ store, marks, ...tools, where: path });
  } catch (error) {
    store.close();
    throw error;
  }
}
