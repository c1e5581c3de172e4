import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceOfGuesses, epsilonLowerBound } from '../../simulations/audit/epsilon-lower-bound.ts';
import {
  chanceUnderLeak,
  chanceUnderTable,
  slowChanceOfGuesses,
  tableEpsilon,
} from '../reference/slow-guesses.ts';

describe('D6: the bound of guesses about canaries', () => {
  it('D6: takes 190 of 200 right guesses for an epsilon of 2.03, at 99.9 % and delta 0', () => {
    const bound = epsilonLowerBound(
      { canaries: 1000, guesses: 200, right: 190 },
      { delta: 0, confidence: 0.999 },
    );
    expect(bound).toBeCloseTo(2.03, 2);
  });

  it('D6: agrees with exact fractions, delta and all', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (guesses, wrong, odds) => {
          const found = { canaries: 40, guesses, right: Math.max(0, guesses - wrong) };
          const fast = chanceOfGuesses(found, { epsilon: Math.log(odds), delta: 0.001 });
          // e^ε = odds: a guess is right with probability odds / (odds + 1).
          expect(fast).toBeCloseTo(slowChanceOfGuesses(found, { odds, delta: 0.001 }), 9);
        },
      ),
    );
  });

  it('D6: refutes 2.02 by 190 of 200 right guesses, and 2.03 no more', () => {
    const found = { canaries: 1000, guesses: 200, right: 190 };
    const chance = (epsilon: number) => chanceOfGuesses(found, { epsilon, delta: 0 });
    expect(chance(2.02)).toBeLessThan(0.001);
    expect(chance(2.03)).toBeGreaterThan(0.001);
  });

  it('D6: is never below what the best guesser of a small mechanism has, whatever it publishes', () => {
    const chance = fc.integer({ min: 1, max: 1000 });
    // Who is in, of 3 canaries: 8 rows. 4 outputs.
    const tables = fc.array(fc.array(chance, { minLength: 4, maxLength: 4 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        tables,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        (rows, guesses, r) => {
          const table = rows.map((row) => row.map((each) => each / row.reduce((sum, one) => sum + one, 0)));
          const found = { canaries: 3, guesses, right: Math.min(r, guesses) };
          const epsilon = tableEpsilon(table, 3);
          expect(chanceUnderTable(table, found)).toBeLessThanOrEqual(
            chanceOfGuesses(found, { epsilon, delta: 0 }) + 1e-12,
          );
        },
      ),
    );
  });

  it.each([3, 5, 8])('D6: pays for a delta that publishes %i of 40 canaries at once', (published) => {
    const leak = { canaries: 40, epsilon: 0.7, delta: 0.001, published };
    for (let right = 5; right <= 10; right++) {
      const most = chanceOfGuesses({ canaries: 40, guesses: 10, right }, leak);
      expect(most).toBeGreaterThanOrEqual(chanceUnderLeak(leak, 10, right));
      // A fortieth of the price would not do: 2 δ instead of 2 m δ.
      const cheap = chanceOfGuesses({ canaries: 1, guesses: 10, right }, leak);
      expect(cheap).toBeLessThan(chanceUnderLeak(leak, 10, right));
    }
  });

  it('D6: grows with epsilon up to 2 m δ = 1, and proves nothing beyond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 80 }),
        (guesses, wrong, share, tenths) => {
          const found = { canaries: 100, guesses, right: Math.max(0, guesses - wrong) };
          const at = (epsilon: number) => chanceOfGuesses(found, { epsilon, delta: share / 100 / 200 });
          expect(at(tenths / 10 + 0.1)).toBeGreaterThanOrEqual(at(tenths / 10) - 1e-12);
        },
      ),
    );
    const found = { canaries: 100, guesses: 100, right: 100 };
    expect(epsilonLowerBound(found, { delta: 0.0051, confidence: 0.999 })).toBe(0);
  });

  it('D6: proves nothing by guesses of which half are right', () => {
    const found = { canaries: 1000, guesses: 200, right: 100 };
    expect(epsilonLowerBound(found, { delta: 1e-5, confidence: 0.999 })).toBe(0);
  });

  it('D6: proves less where delta is larger', () => {
    const found = { canaries: 1000, guesses: 200, right: 195 };
    const at = (delta: number) => epsilonLowerBound(found, { delta, confidence: 0.999 });
    expect(at(1e-5)).toBeLessThan(at(0));
    expect(at(1e-4)).toBeLessThan(at(1e-5));
  });
});
