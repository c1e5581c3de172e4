import type { AuditEntry } from '../../shared/audit/audit-line.ts';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { canonicalJson } from '../../shared/study/canonical.ts';
import type { PrivacyLedgerStore } from '../storage/privacy-ledger.ts';
import { type AfterCharge, afterCharge, type Budget, budgetExhausted } from './budget.ts';
import { type Charge, type ChargePurpose, chargesOf, isSameCharge, type NewCharge, rowOf } from './charge.ts';
import { CHARGED, LEDGER_BEGUN, type LedgerMark, requireWitnessed } from './ledger-marks.ts';

/** The site's own record of the budget that its patients have spent. It only grows. */
export interface BudgetLedger {
  charges(): readonly Charge[];
  /** What a charge would come to; ask before training. Nothing is written. */
  check(next: Pick<NewCharge, 'study' | 'purpose' | 'event' | 'delta'>, budget: Budget): AfterCharge;
  /** For a round that is worked on anew: one more than was charged for it so far. */
  nextAttempt(study: ContentHash, round: number, purpose: ChargePurpose): number;
  /**
   * Pays for something that may leave. On disk, and its head on the audit log, when it resolves: only then may the first
   * byte be sent. The same study, round, attempt and purpose is paid for once. Nothing is ever paid back.
   * @throws ConsiliumError `BUDGET_EXHAUSTED`, and nothing is written; `STATE_MISMATCH` where the same was charged with
   * other noise; `PRIVACY_INVALID`.
   */
  charge(next: NewCharge, budget: Budget): Promise<Charge>;
  close(): void;
}

export interface BudgetLedgerOptions {
  readonly store: PrivacyLedgerStore;
  /** What the audit log has seen of it. */
  readonly marks: readonly LedgerMark[];
  readonly audit: { append(entry: AuditEntry): Promise<unknown> };
  readonly clock: Clock;
  /** For messages. */
  readonly where: string;
}

/** @throws ConsiliumError `LEDGER_DAMAGED` where the chain is broken, or ends before what the audit log has seen. */
export async function budgetLedger(options: BudgetLedgerOptions): Promise<BudgetLedger> {
  const { store, audit, clock, where } = options;
  const charges = [...chargesOf(store.rows(), where)];
  requireWitnessed(charges, options.marks, where);
  let marked = Math.max(-1, ...options.marks.map(({ seq }) => seq));
  let turn: Promise<unknown> = Promise.resolve();

  /** Before the first row: from then on a ledger that is not there is a lost one. */
  async function begin(): Promise<void> {
    if (marked >= 0) return;
    await audit.append({ type: LEDGER_BEGUN });
    marked = 0;
  }

  /** A crash may have come between a row and its mark. */
  async function mark(): Promise<void> {
    const last = charges.at(-1);
    if (last === undefined || last.seq <= marked) return;
    const { seq, hash, study, round, attempt, purpose } = last;
    await audit.append({
      type: CHARGED,
      study,
      round,
      data: { seq, head: `sha256:${hash}`, attempt, purpose },
    });
    marked = seq;
  }

  async function write(next: NewCharge, budget: Budget): Promise<Charge> {
    const known = charges.find((charge) => isSameCharge(charge, next));
    if (known !== undefined) {
      requireSame(known, next, where);
      await mark();
      return known;
    }
    const { over, epsilonAfter, totalAfter } = afterCharge(charges, next, budget);
    if (over !== undefined) throw budgetExhausted(next.round, over);
    await begin();
    const row = rowOf({ ...next, timeMs: clock.now(), epsilonAfter, totalAfter }, charges.at(-1));
    store.append(row);
    const charge: Charge = {
      ...next,
      seq: row.seq,
      timeMs: row.timeMs,
      epsilonAfter,
      totalAfter,
      hash: row.hash as ContentHash,
    };
    charges.push(charge);
    await mark();
    return charge;
  }

  await mark();
  return {
    charges: () => charges,
    check: (next, budget) => afterCharge(charges, next, budget),
    nextAttempt: (study, round, purpose) =>
      1 +
      Math.max(
        0,
        ...charges
          .filter((each) => each.study === study && each.round === round && each.purpose === purpose)
          .map(({ attempt }) => attempt),
      ),
    charge(next, budget) {
      const done = turn.then(() => write(next, budget));
      turn = done.catch(() => undefined);
      return done;
    },
    close: () => store.close(),
  };
}

function requireSame(known: Charge, next: NewCharge, where: string): void {
  const essence = ({ event, delta, blocks, cohort }: NewCharge) =>
    canonicalJson({ event, delta, blocks, cohort });
  if (essence(known) === essence(next)) return;
  throw new ConsiliumError(
    'STATE_MISMATCH',
    `${where}: expected the noise and data of row ${known.seq} for round ${next.round}, attempt ${next.attempt}, got others`,
    { hint: 'Fresh noise is another attempt, and another charge.' },
  );
}
