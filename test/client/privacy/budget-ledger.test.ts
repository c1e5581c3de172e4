import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spentByAll, spentByStudy } from '../../../client/privacy/budget.ts';
import { type BudgetLedger, budgetLedger } from '../../../client/privacy/budget-ledger.ts';
import { type LedgerMark, ledgerMarks } from '../../../client/privacy/ledger-marks.ts';
import { transientPrivacyLedger } from '../../../client/storage/privacy-ledger.ts';
import { type AuditEntry, auditLine } from '../../../shared/audit/audit-line.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { epsilonOf } from '../../../shared/privacy/epsilon.ts';
import { CHARGED_STUDY, newCharge } from '../../helpers/new-charge.ts';

const NO_LIMIT = { maxEpsilon: null, maxEpsilonTotal: null };
const clock = virtualClock(1_000);
const OTHER = sha256('another study');

async function opened(marks: readonly LedgerMark[] = [], store = transientPrivacyLedger()) {
  const audited: AuditEntry[] = [];
  const audit = { append: async (entry: AuditEntry) => audited.push(entry) };
  const ledger = await budgetLedger({ store, marks, audit, clock, where: 'ledger' });
  return { ledger, store, audited };
}

function epsilonAfter(rounds: number): number {
  return epsilonOf([{ kind: 'poisson', rate: 0.128, sigma: 2, count: 8 * rounds }], 1e-4);
}

async function spend(ledger: BudgetLedger, rounds: number) {
  for (let round = 1; round <= rounds; round++) await ledger.charge(newCharge(round), NO_LIMIT);
}

describe('budgetLedger', () => {
  it('says with each charge what the patients have spent after it', async () => {
    const { ledger } = await opened();
    await spend(ledger, 3);
    const after = ledger.charges().map((charge) => charge.epsilonAfter);
    expect(after).toEqual([1, 2, 3].map((rounds) => expect.closeTo(epsilonAfter(rounds), 9)));
    expect(ledger.charges().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('charges the same attempt once, however often it is sent', async () => {
    const { ledger, audited } = await opened();
    const first = await ledger.charge(newCharge(1), NO_LIMIT);
    expect(await ledger.charge(newCharge(1), NO_LIMIT)).toEqual(first);
    const both = [ledger.charge(newCharge(2), NO_LIMIT), ledger.charge(newCharge(2), NO_LIMIT)];
    await Promise.all(both);
    expect(ledger.charges()).toHaveLength(2);
    expect(audited.map(({ type }) => type)).toEqual([
      'privacy.ledger-begun',
      'privacy.charged',
      'privacy.charged',
    ]);
  });

  it('charges a second attempt, another purpose and another study by themselves', async () => {
    const { ledger } = await opened();
    expect(ledger.nextAttempt(CHARGED_STUDY, 1, 'update')).toBe(1);
    await ledger.charge(newCharge(1), NO_LIMIT);
    expect(ledger.nextAttempt(CHARGED_STUDY, 1, 'update')).toBe(2);
    await ledger.charge(newCharge(1, { attempt: 2 }), NO_LIMIT);
    await ledger.charge(newCharge(1, { purpose: 'evaluation' }), NO_LIMIT);
    await ledger.charge(newCharge(1, { study: OTHER }), NO_LIMIT);
    expect(ledger.charges()).toHaveLength(4);
  });

  it('refuses to call other noise the same attempt', async () => {
    const { ledger } = await opened();
    await ledger.charge(newCharge(1), NO_LIMIT);
    const other = newCharge(1, { event: { kind: 'poisson', rate: 0.128, sigma: 4, count: 8 } });
    await expect(ledger.charge(other, NO_LIMIT)).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
  });

  it('answers whether the next round fits before anything is trained, and writes nothing', async () => {
    const { ledger } = await opened();
    await spend(ledger, 2);
    const maxEpsilon = (epsilonAfter(2) + epsilonAfter(3)) / 2;
    const { over } = ledger.check(newCharge(3), { maxEpsilon, maxEpsilonTotal: null });
    expect(over).toMatchObject({ field: 'privacy.maxEpsilon', limit: maxEpsilon });
    expect(over?.epsilon).toBeCloseTo(epsilonAfter(3), 9);
    expect(
      ledger.check(newCharge(3), { maxEpsilon: epsilonAfter(3) + 1e-9, maxEpsilonTotal: null }).over,
    ).toBe(undefined);
    expect(ledger.charges()).toHaveLength(2);
  });

  it('charges nothing over the budget, whatever was checked before', async () => {
    const { ledger, store } = await opened();
    await spend(ledger, 2);
    const over = ledger.charge(newCharge(3), { maxEpsilon: epsilonAfter(2), maxEpsilonTotal: null });
    await expect(over).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    expect(store.rows()).toHaveLength(2);
  });

  it('counts all studies against the total, and each study against its own', async () => {
    const { ledger } = await opened();
    await spend(ledger, 2);
    const budget = { maxEpsilon: epsilonAfter(1) + 1e-9, maxEpsilonTotal: epsilonAfter(2) };
    const { over } = ledger.check(newCharge(1, { study: OTHER }), budget);
    expect(over?.field).toBe('privacy.maxEpsilonTotal');
    expect(over?.epsilon).toBeCloseTo(epsilonAfter(3), 9);
  });

  it('lets evaluation patients of a study pay for themselves, but not those of another study', async () => {
    const { ledger } = await opened();
    await spend(ledger, 2);
    const judged = ledger.check(newCharge(1, { purpose: 'evaluation' }), NO_LIMIT);
    expect(judged.epsilonAfter).toBeCloseTo(epsilonAfter(1), 9);
    expect(judged.totalAfter).toBeCloseTo(epsilonAfter(1), 9);
    // Another study splits anew: a patient who trained here may be judged there.
    const elsewhere = ledger.check(newCharge(1, { study: OTHER, purpose: 'evaluation' }), NO_LIMIT);
    expect(elsewhere.totalAfter).toBeCloseTo(epsilonAfter(3), 9);
  });

  it('adds claims at several deltas at the smallest', async () => {
    const { ledger } = await opened();
    await ledger.charge(newCharge(1, { delta: 1e-6 }), NO_LIMIT);
    const { totalAfter } = await ledger.charge(newCharge(1, { study: OTHER, delta: 1e-3 }), NO_LIMIT);
    const event = { kind: 'poisson', rate: 0.128, sigma: 2, count: 16 } as const;
    expect(totalAfter).toBeCloseTo(epsilonOf([event], 1e-6), 9);
  });

  it('refuses a charge that the accountant cannot read, and one without noise over any limit', async () => {
    const { ledger } = await opened();
    const wrong = newCharge(1, { event: { kind: 'poisson', rate: 2, sigma: 2, count: 8 } });
    await expect(ledger.charge(wrong, NO_LIMIT)).rejects.toMatchObject({ code: 'PRIVACY_INVALID' });
    const bare = newCharge(1, { event: { kind: 'gaussian', sigma: 0, count: 1 } });
    const budget = { maxEpsilon: 1000, maxEpsilonTotal: null };
    await expect(ledger.charge(bare, budget)).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
  });

  it('does not resolve a charge whose mark could not be written, and writes the mark when it is asked again', async () => {
    const store = transientPrivacyLedger();
    const audited: string[] = [];
    let isFull = false;
    const audit = {
      async append({ type }: AuditEntry) {
        if (isFull) throw new Error('disk full');
        audited.push(type);
      },
    };
    const ledger = await budgetLedger({ store, marks: [], audit, clock, where: 'ledger' });
    isFull = true;
    await expect(ledger.charge(newCharge(1), NO_LIMIT)).rejects.toThrow('disk full');
    isFull = false;
    await ledger.charge(newCharge(1), NO_LIMIT);
    expect(audited).toEqual(['privacy.ledger-begun', 'privacy.charged']);
    expect(store.rows()).toHaveLength(1);
  });

  it('never spends less than before, however charges and studies mix', async () => {
    const charge = fc.record({
      round: fc.integer({ min: 1, max: 4 }),
      study: fc.constantFrom(CHARGED_STUDY, OTHER),
      purpose: fc.constantFrom('update' as const, 'evaluation' as const, 'census' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(charge, { maxLength: 10 }), async (charges) => {
        const { ledger } = await opened();
        let [all, one] = [0, 0];
        for (const { round, ...other } of charges) {
          await ledger.charge(newCharge(round, other), NO_LIMIT);
          const [allNow, oneNow] = [
            spentByAll(ledger.charges()),
            spentByStudy(ledger.charges(), CHARGED_STUDY, 'training'),
          ];
          expect(allNow).toBeGreaterThanOrEqual(all);
          expect(oneNow).toBeGreaterThanOrEqual(one);
          expect(oneNow).toBeLessThanOrEqual(allNow);
          [all, one] = [allNow, oneNow];
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('ledgerMarks', () => {
  it('finds the beginning and each charge among other lines', async () => {
    const { ledger, audited } = await opened();
    await spend(ledger, 2);
    const lines: string[] = [];
    for (const entry of [{ type: 'daemon.started' } as const, ...audited]) {
      lines.push(auditLine(entry, lines.at(-1), 5));
    }
    expect(ledgerMarks(lines)).toEqual([
      { seq: 0, head: '0'.repeat(64) },
      ...ledger.charges().map(({ seq, hash }) => ({ seq, head: hash })),
    ]);
  });
});
