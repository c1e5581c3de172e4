import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registeredWeight, shareOf } from '../../shared/model/registered-weight.ts';

const T = 2 ** 31 - 1;

describe('registeredWeight', () => {
  it.each([
    // 4 · 100; 4 · sqrt(100); 4 · 2^round(log2 100) = 4 · 2^7; 4 · 1
    [100, 'exact', 1, 400],
    [100, 'exact', 0.5, 40],
    [100, 'bucketed', 1, 512],
    [100, 'uniform', 1, 4],
    [2 ** 30, 'exact', 1, 4 * 2 ** 20],
    [0, 'exact', 1, 4],
  ] as const)('is for %d patients, %s, γ = %d: %d', (patients, weights, weightExponent, expected) => {
    expect(registeredWeight(patients, { weights, weightExponent })).toBe(expected);
  });
});

describe('shareOf', () => {
  it('keeps the bits that a float64 product would lose', () => {
    // T · w = 9.0e15 · 2^… exceeds 2^53; the exact floor by hand: (2^31 - 1) · 4194301 / 4194304
    const exact = Number(((2n ** 31n - 1n) * 4194301n) / 4194304n);
    expect(shareOf(4194301, 4194304)).toBe(exact);
  });

  it('adds up to at most T for any holders', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 2 ** 22 }), { minLength: 1, maxLength: 64 }),
        (weights) => {
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          const shares = weights.map((weight) => shareOf(weight, total));
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(T);
        },
      ),
    );
  });

  it('is all of T for a single holder and 0 where nobody is registered', () => {
    expect(shareOf(7, 7)).toBe(T);
    expect(shareOf(7, 0)).toBe(0);
  });
});
