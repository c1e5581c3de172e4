import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epsilonBand } from '../../shared/privacy/band.ts';
import { multiplierFor } from '../../shared/privacy/calibrate.ts';
import { checkedDelta, deltaFor } from '../../shared/privacy/delta.ts';
import { effectiveMultiplier } from '../../shared/privacy/effective-multiplier.ts';
import { epsilonOf } from '../../shared/privacy/epsilon.ts';
import { type NoiseTerms, noisePlan, stepsPerRound } from '../../shared/privacy/noise-plan.ts';

const INVALID = expect.objectContaining({ code: 'PRIVACY_INVALID' });
const TERMS: NoiseTerms = {
  noise: { kind: 'multiplier', multiplier: 1 },
  patients: 500,
  batch: 64,
  stepsPerRound: 8,
  rounds: 20,
};

describe('noisePlan', () => {
  it('charges a little less noise than is added', () => {
    const plan = noisePlan(TERMS);
    expect(plan.multiplier).toBe(1);
    expect(plan.chargedMultiplier).toBeCloseTo(1 / 1.001, 15);
    const event = { kind: 'poisson', rate: 64 / 500, sigma: 1 / 1.001 } as const;
    expect(plan.epsilonPerRound).toBeCloseTo(epsilonOf([{ ...event, count: 8 }], 1e-4), 9);
    expect(plan.epsilonTotal).toBeCloseTo(epsilonOf([{ ...event, count: 160 }], 1e-4), 9);
  });

  it('keeps the whole study within a given epsilon, as it is charged', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 12, noNaN: true }),
        fc.integer({ min: 60, max: 5000 }),
        (epsilon, patients) => {
          const plan = noisePlan({ ...TERMS, noise: { kind: 'epsilon', epsilon }, patients });
          expect(plan.epsilonTotal).toBeLessThanOrEqual(epsilon);
          expect(plan.epsilonTotal).toBeGreaterThan(0.98 * epsilon);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('takes every patient where the batch is larger than the cohort', () => {
    expect(
      noisePlan({ ...TERMS, patients: 40, noise: { kind: 'multiplier', multiplier: 5 } }).sampleRate,
    ).toBe(1);
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(noisePlan(TERMS))).toBe(true);
  });

  it.each([
    ['no patients', { patients: 0 }],
    ['half a patient', { patients: 500.5 }],
    ['an empty batch', { batch: 0 }],
    ['no steps', { stepsPerRound: 0 }],
    ['no rounds', { rounds: 0 }],
    ['no noise', { noise: { kind: 'multiplier', multiplier: 0 } }],
    ['noise that is no number', { noise: { kind: 'multiplier', multiplier: Number.NaN } }],
    ['infinite noise', { noise: { kind: 'multiplier', multiplier: Number.POSITIVE_INFINITY } }],
    ['an epsilon of 0', { noise: { kind: 'epsilon', epsilon: 0 } }],
    ['noise of another kind', { noise: { kind: 'laplace' } }],
    ['a delta of 0', { delta: 0 }],
    ['a delta by which one patient could be published', { delta: 1 / 499 }],
  ])('refuses %s', (_what, change) => {
    expect(() => noisePlan({ ...TERMS, ...(change as Partial<NoiseTerms>) })).toThrow(INVALID);
  });
});

describe('stepsPerRound', () => {
  it('draws each patient once an epoch in expectation, rounded up', () => {
    expect(stepsPerRound({ kind: 'epochs', count: 2 }, { patients: 500, batch: 64 })).toBe(16); // 500/64 = 7.8
    expect(stepsPerRound({ kind: 'epochs', count: 1 }, { patients: 40, batch: 64 })).toBe(1);
    expect(stepsPerRound({ kind: 'steps', count: 5 }, { patients: 500, batch: 64 })).toBe(5);
  });

  it('refuses half an epoch', () => {
    expect(() => stepsPerRound({ kind: 'epochs', count: 0.5 }, { patients: 500, batch: 64 })).toThrow(
      INVALID,
    );
  });
});

describe('deltaFor', () => {
  it.each([
    [1, 0.1], // 1/10
    [50, 1e-3], // 1/500 = 2e-3
    [100, 1e-3],
    [101, 1e-4], // 1/1010 < 1e-3
    [500, 1e-4],
    [1000, 1e-4],
    [2000, 1e-5],
    [10_000, 1e-5],
    [50_000, 1e-6],
  ])('is, for %i patients, %f', (patients, delta) => {
    expect(deltaFor(patients)).toBe(delta);
  });

  it('takes what a study asks for, up to one in the number of patients', () => {
    expect(checkedDelta(1e-9, 500)).toBe(1e-9);
    expect(checkedDelta(1 / 500, 500)).toBe(1 / 500);
    expect(() => checkedDelta(1 / 400, 500)).toThrow(INVALID);
    expect(() => checkedDelta(Number.NaN, 500)).toThrow(INVALID);
  });
});

describe('epsilonBand', () => {
  it.each([
    [0, 0.5],
    [0.5, 0.5],
    [0.501, 1],
    [3.7, 5],
    [5.01, 8],
    [8.01, 10],
    [10.0001, 15],
    [20, 20],
    [20.1, 25],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('rounds %f up to %f', (epsilon, band) => {
    expect(epsilonBand(epsilon)).toBe(band);
  });

  it('refuses what is no epsilon', () => {
    expect(() => epsilonBand(Number.NaN)).toThrow(INVALID);
    expect(() => epsilonBand(-1)).toThrow(INVALID);
  });
});

describe('effectiveMultiplier', () => {
  it('is 0 where one block has no noise', () => {
    expect(effectiveMultiplier([2, 0])).toBe(0);
  });

  it.each([[[]], [[-1]], [[Number.NaN]], [[1, Number.POSITIVE_INFINITY]]])('refuses %j', (multipliers) => {
    expect(() => effectiveMultiplier(multipliers)).toThrow(INVALID);
  });
});

describe('multiplierFor', () => {
  it('refuses a target that no noise reaches', () => {
    const eventsAt = (sigma: number) => [{ kind: 'gaussian', sigma, count: 1_000_000 }] as const;
    expect(() => multiplierFor({ epsilon: 1e-9, delta: 1e-15, eventsAt })).toThrow(INVALID);
  });

  it('refuses a target that is none', () => {
    for (const epsilon of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => multiplierFor({ epsilon, delta: 1e-5, eventsAt: () => [] })).toThrow(INVALID);
    }
  });
});
