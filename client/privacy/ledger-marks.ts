import { readAuditLine } from '../../shared/audit/audit-line.ts';
import { ledgerDamaged } from '../storage/privacy-ledger.ts';
import { type Charge, FIRST_PREV } from './charge.ts';

export const LEDGER_BEGUN = 'privacy.ledger-begun';
export const CHARGED = 'privacy.charged';

/** What the audit log has seen of the ledger: its beginning is seq 0. */
export interface LedgerMark {
  readonly seq: number;
  readonly head: string;
}

/** @param lines of the site's audit log, as they stand in its files. */
export function ledgerMarks(lines: readonly string[]): readonly LedgerMark[] {
  return lines
    .filter((text) => text.includes('"privacy.'))
    .flatMap((text) => {
      const line = readAuditLine(text);
      if (line?.type === LEDGER_BEGUN) return [{ seq: 0, head: FIRST_PREV }];
      if (line?.type !== CHARGED) return [];
      const { seq, head } = line.data;
      return [{ seq: Number(seq), head: String(head).replace(/^sha256:/, '') }];
    });
}

/**
 * Nothing that was witnessed may be missing or another.
 * @throws ConsiliumError `LEDGER_DAMAGED`.
 */
export function requireWitnessed(
  charges: readonly Charge[],
  marks: readonly LedgerMark[],
  where: string,
): void {
  // Its beginning is on the audit log before the first charge.
  if (charges.length > 0 && marks.length === 0) {
    throw ledgerDamaged(
      `${where}: expected its beginning on the audit log, got an audit log that never saw it`,
    );
  }
  for (const { seq, head } of marks) {
    if (seq === 0) continue;
    const charge = charges[seq - 1];
    if (charge === undefined) {
      throw ledgerDamaged(
        `${where}: expected at least ${seq} rows, as the audit log has seen, got ${charges.length}`,
      );
    }
    if (charge.hash !== head) {
      throw ledgerDamaged(`${where}: expected row ${seq} as the audit log has seen it, got another`);
    }
  }
}
