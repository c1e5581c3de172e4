import { describe, expect, it } from 'vitest';
import type { SiteCohort } from '../../../client/data/cohort.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { compareWithReference } from '../../../simulations/experiments/reference-score.ts';
import type { ScoredPatients } from '../../../simulations/statistics/scored-patients.ts';
import { refusal } from '../../client/data/site-folder.ts';

const TASK = { kind: 'binary' } as const;
const CLASSES = [1, 0, 1, 0];

const COHORT: SiteCohort = {
  site: siteId('north'),
  patientIds: ['trained', 'a', 'b', 'c', 'd'],
  labels: { kind: 'class', values: Int32Array.of(0, ...CLASSES), classes: 2 },
  part: Uint8Array.of(0, 2, 2, 2, 2),
  modalities: new Map(),
  groups: new Map(),
};

const SCORED: ScoredPatients = {
  site: 'north',
  n: 4,
  scores: Float32Array.of(0.9, 0.1, 0.2, 0.3),
  labels: { kind: 'class', values: Int32Array.from(CLASSES), classes: 2 },
  indices: Int32Array.of(1, 2, 3, 4),
};

const compare = (reference: readonly (readonly [string, number])[], cohorts = [COHORT]) =>
  compareWithReference(TASK, [SCORED], { cohorts, reference: new Map(reference), metric: 'auroc', seed: 1 });

describe('a model beside a score that was there before', () => {
  it('judges both on the patients that have the score', () => {
    const found = compare([
      ['a', 0.4],
      ['b', 0.5],
      ['d', 0.1],
      ['trained', 0.9],
    ]);
    // a died, b and d did not. Model: .9 > .1 and .9 > .3, 2 of 2; reference: .4 < .5 but .4 > .1, 1 of 2.
    expect([found.patients, found.without]).toEqual([3, 1]);
    expect([found.model.value, found.reference.value, found.difference.value]).toEqual([1, 0.5, 0.5]);
  });

  it('counts the model’s failures on the patients without the score for nothing', () => {
    const everybody = [...COHORT.patientIds].map((id) => [id, 0.5] as const);
    // With c, who died with .2 below d's .3: 3 of 4 pairs.
    expect(compare(everybody).model.value).toBe(0.75);
    expect(compare(everybody.filter(([id]) => id !== 'c')).model.value).toBe(1);
  });

  it('refuses a code for missing as a score', async () => {
    const error = await refusal(() => compare([['a', -1]]));
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain('1 of 1 outside of [0, 1]');
  });

  it('refuses scores of another site', async () => {
    const error = await refusal(() => compare([['a', 0.1]], [{ ...COHORT, site: siteId('south') }]));
    expect(error.code).toBe('INTERNAL');
  });
});
