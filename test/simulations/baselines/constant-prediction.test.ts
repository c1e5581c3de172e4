import { describe, expect, it } from 'vitest';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { hasTwoLabels } from '../../../simulations/baselines/constant-prediction.ts';

/** Four patients that train, two labels each: [patients, labels]. */
function multilabel(values: readonly number[]): SiteCohort {
  return {
    site: siteId('north'),
    patientIds: ['a', 'b', 'c', 'd'],
    part: [PART.train, PART.train, PART.train, PART.train],
    labels: { kind: 'multilabel', width: 2, values: Int8Array.from(values) },
    modalities: new Map(),
    groups: new Map(),
  } as unknown as SiteCohort;
}

describe('whether a site has something to learn', () => {
  it('asks it of each of several labels: a census refuses the one that is the same throughout', () => {
    expect(hasTwoLabels(multilabel([0, 1, 1, 0, 0, 0, 1, 1]))).toBe(true);
    expect(hasTwoLabels(multilabel([0, 1, 1, 1, 0, 1, 1, 1]))).toBe(false);
  });
});
