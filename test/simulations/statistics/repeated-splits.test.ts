import { describe, expect, it } from 'vitest';
import { PART } from '../../../client/data/cohort.ts';
import {
  pairedBySplit,
  resplit,
  studentQuantile,
  summarizeSplits,
} from '../../../simulations/statistics/repeated-splits.ts';
import { type SmallPatient, smallCohort } from '../../helpers/small-study.ts';

const COHORT = smallCohort(
  'a',
  Array.from({ length: 100 }, (_, i): SmallPatient => ({ part: 'train', label: Number(i < 20), scan: i })),
);

describe('resplit', () => {
  it('keeps the share of the ill in every part', () => {
    const { part } = resplit(COHORT, { shares: { test: 0.2, validation: 0.1 }, salt: 'study/split-1' });
    const count = (where: number, label: number) =>
      [...part.keys()].filter((i) => part[i] === where && Number(i < 20) === label).length;
    expect([count(PART.test, 1), count(PART.test, 0)]).toEqual([4, 16]);
    expect([count(PART.validation, 1), count(PART.validation, 0)]).toEqual([2, 8]);
  });

  it('differs from salt to salt and repeats with the same', () => {
    const of = (salt: string) => resplit(COHORT, { shares: { test: 0.2, validation: 0.1 }, salt }).part;
    expect(of('one')).toEqual(of('one'));
    expect(of('one')).not.toEqual(of('two'));
  });
});

describe('summarizeSplits', () => {
  it('widens the interval by the share of test patients', () => {
    // Mean 2, s² = 1; 1/3 + .25 of it; t at 2 degrees is 4.303.
    const summary = summarizeSplits([1, 2, 3], { testPerTrain: 0.25 });
    expect(summary?.mean).toBe(2);
    expect(summary?.interval?.[1]).toBeCloseTo(2 + 4.303 * Math.sqrt(1 / 3 + 0.25), 9);
  });

  it('pairs two strategies split by split and leaves undefined ones out', () => {
    expect(pairedBySplit([0.5, null, 0.9], [0.25, 0.5, 0.65], { testPerTrain: 0 })?.mean).toBeCloseTo(
      0.25,
      12,
    );
    expect(summarizeSplits([], { testPerTrain: 0 })).toBeNull();
  });

  it('knows the tables of Student', () => {
    // Any table of the t distribution: 9 degrees 2.262, 19 degrees 2.093, 99 degrees 1.984.
    expect([9, 19, 99].map((degrees) => Number(studentQuantile(degrees).toFixed(3)))).toEqual([
      2.262, 2.093, 1.984,
    ]);
    expect(studentQuantile(6)).toBeCloseTo(2.447, 2);
  });
});
