import { describe, expect, it } from 'vitest';
import type { ModalityValues, SiteCohort } from '../../../client/data/cohort.ts';
import { inMemory } from '../../../client/data/rows.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { partitionCohort, pooledCohort } from '../../../simulations/cohorts/partition.ts';
import { LABS, rowsOf, SCAN, type SmallPatient, smallCohort } from '../../helpers/small-study.ts';

const SITES = ['a', 'b', 'c'].map(siteId);
const COHORT = smallCohort(
  'all',
  Array.from(
    { length: 90 },
    (_, i): SmallPatient => ({
      part: 'train',
      label: i % 2,
      scan: i,
      sex: ['x', 'y', 'z'][i % 3] as string,
    }),
  ),
);

describe('partitionCohort', () => {
  it.each([{ kind: 'random' }, { kind: 'label-skew', alpha: 0.3 }, { kind: 'group', group: 'sex' }] as const)(
    'puts every patient at exactly one site: $kind',
    (rule) => {
      const parts = partitionCohort(COHORT, SITES, { rule, seed: 1 });
      expect(parts.map(({ site }) => site)).toEqual(SITES);
      expect(parts.flatMap(({ patientIds }) => patientIds).sort()).toEqual([...COHORT.patientIds].sort());
    },
  );

  it('gives sites the shares asked for', () => {
    const parts = partitionCohort(COHORT, SITES, { rule: { kind: 'random', shares: [1, 2, 6] }, seed: 1 });
    expect(parts.map(({ patientIds }) => patientIds.length)).toEqual([10, 20, 60]);
  });
});

describe('pooledCohort', () => {
  it('keeps each patient with its own values, part and group', () => {
    const a = smallCohort('a', [
      { part: 'train', label: 1, labs: [5, 1], scan: null, sex: 'f' },
      { part: 'test', label: 0, labs: null, scan: 7, sex: 'm' },
    ]);
    const b = smallCohort('b', [{ part: 'validation', label: 1, scan: 9, sex: 'm' }]);
    const pooled = pooledCohort([a, b], siteId('pooled'));
    expect(pooled.patientIds).toEqual(['a/p0', 'a/p1', 'b/p0']);
    expect(rowsOf(pooled, LABS)).toEqual([0, -1, -1]);
    expect(rowsOf(pooled, SCAN).map((row) => scans(pooled)[row])).toEqual([undefined, 7, 9]);
    expect([...pooled.part]).toEqual([0, 2, 1]);
    const sex = pooled.groups.get('sex');
    expect([...(sex?.index ?? [])].map((level) => sex?.levels[level])).toEqual(['f', 'm', 'm']);
  });

  it('puts a partition together again', () => {
    const parts = partitionCohort(COHORT, SITES, { rule: { kind: 'random' }, seed: 1 });
    const pooled = pooledCohort(parts, siteId('pooled'));
    const byId = new Map(
      pooled.patientIds.map((id, i) => [id.split('/')[1], scans(pooled)[rowsOf(pooled, SCAN)[i] as number]]),
    );
    expect(COHORT.patientIds.map((id) => byId.get(id))).toEqual(COHORT.patientIds.map((_, i) => i));
  });

  it('refuses cohorts that disagree on the labels', () => {
    const survival = { kind: 'survival', time: new Float64Array(90), event: new Uint8Array(90) } as const;
    expect(() => pooledCohort([COHORT, { ...COHORT, labels: survival }], siteId('p'))).toThrow(/survival/);
  });
});

function scans(cohort: SiteCohort): Float32Array | Int32Array {
  return inMemory(cohort.modalities.get(SCAN) as ModalityValues);
}
