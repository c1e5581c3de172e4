import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceOfGuesses, epsilonLowerBound } from '../../simulations/audit/epsilon-lower-bound.ts';
import { slowChanceOfGuesses } from '../reference/slow-guesses.ts';

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

  it('D6: proves nothing by guesses of which half are right', () => {
    const found = { canaries: 1000, guesses: 200, right: 100 };
    expect(epsilonLowerBound(found, { delta: 1e-5, confidence: 0.999 })).toBe(0);
  });

  it('D6: proves less where delta is larger', () => {
    const found = { canaries: 1000, guesses: 200, right: 195 };
    const at = (delta: number) => epsilonLowerBound(found, { delta, confidence: 0.999 });
    expect(at(1e-5)).toBeLessThan(at(0));
    expect(at(1e-3)).toBeLessThan(at(1e-5));
  });
});
