import { describe, expect, it } from 'vitest';
import { siteId } from '../../../shared/core/ids.ts';
import { completed, constantScores, eligible, maskedTo } from '../../../simulations/engine/predictions.ts';
import { LABS, SCAN, smallCohort } from '../../helpers/small-study.ts';

/** Four test patients: both, labs, scan, nothing; and one who trains. */
const COHORT = smallCohort('north', [
  { part: 'test', label: 1, labs: [1, 0], scan: 1 },
  { part: 'test', label: 0, labs: [2, 0], scan: null },
  { part: 'train', label: 0, labs: [3, 0], scan: 3 },
  { part: 'test', label: 0, labs: null, scan: 4 },
  { part: 'test', label: 0, labs: null, scan: null },
]);

describe('eligible', () => {
  it('is who is in the part and has something of the subset', () => {
    expect([...eligible(COHORT, 'test', [LABS])]).toEqual([0, 1]);
    expect([...eligible(COHORT, 'test', [SCAN])]).toEqual([0, 3]);
    expect([...eligible(COHORT, 'test', [LABS, SCAN])]).toEqual([0, 1, 3]);
    expect([...eligible(COHORT, 'train', [SCAN])]).toEqual([2]);
  });

  it('is nobody for the empty subset, and for a modality that the site does not have', () => {
    const labsOnly = maskedTo(COHORT, [LABS]);
    expect(eligible(COHORT, 'test', [])).toHaveLength(0);
    expect(eligible(labsOnly, 'test', [SCAN])).toHaveLength(0);
  });
});

describe('completed', () => {
  it('takes the model’s scores where there are some, and the fallback elsewhere', () => {
    const scored = { patients: Int32Array.of(1, 3), scores: Float32Array.of(0.25, 0.75) };
    expect(completed(scored, Int32Array.of(0, 1, 3), [0.5])).toEqual({
      patients: Int32Array.of(0, 1, 3),
      scores: Float32Array.of(0.5, 0.25, 0.75),
    });
  });

  it('leaves out who was scored and not asked for', () => {
    const scored = { patients: Int32Array.of(1, 3), scores: Float32Array.of(0.25, 0.75) };
    expect([...completed(scored, Int32Array.of(3), [0.5]).scores]).toEqual([0.75]);
  });

  it('keeps the outputs of a patient together', () => {
    const scored = { patients: Int32Array.of(7), scores: Float32Array.of(0.5, 0.25, 0.25) };
    expect([...completed(scored, Int32Array.of(2, 7), [0, 1, 0]).scores]).toEqual([0, 1, 0, 0.5, 0.25, 0.25]);
  });

  it('is all fallback where nobody was scored', () => {
    expect([...completed(undefined, Int32Array.of(4, 5), [0.125]).scores]).toEqual([0.125, 0.125]);
  });
});

describe('constantScores', () => {
  it('gives every eligible patient of a site the site’s number', () => {
    const other = smallCohort('south', [{ part: 'test', label: 1, labs: [1, 0] }]);
    const judged = { cohorts: [COHORT, other], part: 'test' as const, subsets: [[LABS], [SCAN]] };
    const scores = constantScores(judged, (site) => [site === siteId('north') ? 0.25 : 0.75]);
    const rows = scores.map(({ site, subsets }) => [site, subsets.map((each) => [...each.scores])]);
    expect(rows).toEqual([
      [
        siteId('north'),
        [
          [0.25, 0.25],
          [0.25, 0.25],
        ],
      ],
      [siteId('south'), [[0.75], []]],
    ]);
  });
});

describe('maskedTo', () => {
  it('takes modalities away and leaves the rest as it is', () => {
    const masked = maskedTo(COHORT, [SCAN]);
    expect([...masked.modalities.keys()]).toEqual([SCAN]);
    expect([...COHORT.modalities.keys()]).toEqual([LABS, SCAN]);
    expect(masked.patientIds).toBe(COHORT.patientIds);
  });
});
