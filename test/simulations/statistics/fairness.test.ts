import { describe, expect, it } from 'vitest';
import { fairnessGap, fairnessRows } from '../../../simulations/statistics/fairness.ts';
import type { ScoredPatients } from '../../../simulations/statistics/scored-patients.ts';
import { type SmallPatient, smallCohort } from '../../helpers/small-study.ts';

const TASK = { kind: 'binary' } as const;

/** 20 women judged right, 20 men of whom 5 are judged wrong, 5 of unknown sex; the women have a scan too. */
const PATIENTS: readonly SmallPatient[] = Array.from(
  { length: 45 },
  (_, i): SmallPatient => ({
    part: 'test',
    label: i % 2,
    labs: [i, 0],
    scan: i < 20 ? i : null,
    ...(i < 40 ? { sex: i < 20 ? 'f' : 'm' } : {}),
  }),
);

function rows(minCell: number) {
  // A training patient stands first, so that a position among the scored is not one in the cohort.
  const cohort = smallCohort('a', [{ part: 'train', label: 0, labs: null, scan: 0, sex: 'm' }, ...PATIENTS]);
  const truths = Int32Array.from(PATIENTS, ({ label }) => label);
  const scored: ScoredPatients = {
    site: 'a',
    n: truths.length,
    scores: Float32Array.from(truths, (truth, i) => ((truth === 1) !== (i >= 20 && i < 25) ? 0.9 : 0.1)),
    labels: { kind: 'class', values: truths, classes: 2 },
    indices: Int32Array.from(truths.keys(), (i) => i + 1),
  };
  return fairnessRows(TASK, [scored], { cohorts: [cohort], minCell });
}

describe('fairnessRows', () => {
  it('judges each level of a group on its own patients', () => {
    const bySex = rows(5).filter(({ group }) => group === 'sex');
    expect(bySex.map(({ level, patients, metrics }) => [level, patients, metrics['accuracy']])).toEqual([
      ['f', 20, 1],
      ['m', 20, 0.75],
    ]);
    expect(fairnessGap(rows(5), 'sex', 'accuracy')).toBe(0.25);
  });

  it('judges patients by how many modalities they have', () => {
    const byCount = rows(5).filter(({ group }) => group === 'availability');
    expect(byCount.map(({ level, patients, metrics }) => [level, patients, metrics['accuracy']])).toEqual([
      ['1 modality', 25, 0.8],
      ['2 modalities', 20, 1],
    ]);
  });

  it('says nothing of a level with too few of a class', () => {
    // 10 of 20 are ill in each sex.
    const bySex = rows(11).filter(({ group }) => group === 'sex');
    expect(bySex.map(({ suppressed, patients, metrics }) => [suppressed, patients, metrics])).toEqual([
      [true, 0, {}],
      [true, 0, {}],
    ]);
    expect(fairnessGap(rows(11), 'sex', 'accuracy')).toBeNull();
  });
});
