import { describe, expect, it } from 'vitest';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { noAssets } from '../../../shared/study/assets.ts';
import { repeatSplits, runName } from '../../../simulations/engine/repeat-splits.ts';
import type { Track } from '../../../simulations/engine/track.ts';
import { SCAN, type SmallPatient, smallCohort, smallStudy } from '../../helpers/small-study.ts';

const COHORT = smallCohort(
  'a',
  Array.from({ length: 100 }, (_, i): SmallPatient => ({ part: 'train', label: Number(i < 20), scan: i })),
);
/** 20 % are for the test. */
const STUDY = smallStudy();

/** A track whose seeds have other patients, as generated ones do; it counts how often they are read. */
function trackOf(reads: number[]): Track {
  return {
    id: 'track',
    title: 'Track',
    source: '',
    study: STUDY,
    seeds: [7, 99],
    repeats: 'seeds',
    targets: [],
    baselines: [],
    dataNote: '',
    assets: noAssets,
    async seeded(seed) {
      reads.push(seed);
      return { study: { ...STUDY, seed }, cohorts: [COHORT] };
    },
  };
}

const testPatients = ({ part }: SiteCohort) => [...part.keys()].filter((i) => part[i] === PART.test);

describe('repeatSplits', () => {
  it('divides the same patients anew for each run, which are read once', async () => {
    const reads: number[] = [];
    const track = repeatSplits(trackOf(reads), 3);
    expect(track.seeds).toEqual([7, 8, 9]);
    const runs = await Promise.all(track.seeds.map((seed) => track.seeded(seed)));
    expect(reads).toEqual([7]);
    expect(runs.map(({ study }) => study.seed)).toEqual([7, 8, 9]);
    const parts = runs.map(({ cohorts }) => testPatients(cohorts[0] as SiteCohort));
    // 20 % of 20 ill and of 80 well patients.
    expect(parts.map((part) => part.length)).toEqual([20, 20, 20]);
    expect(new Set(parts.map(String)).size).toBe(3);
    for (const { cohorts } of runs) {
      expect(cohorts[0]?.modalities.get(SCAN)).toBe(COHORT.modalities.get(SCAN));
      expect(cohorts[0]?.labels).toBe(COHORT.labels);
    }
  });

  it('gives the same split to whoever asks for it again, also after a restart', async () => {
    const once = await repeatSplits(trackOf([]), 3).seeded(8);
    const again = await repeatSplits(trackOf([]), 3).seeded(8);
    expect(again.cohorts[0]?.part).toEqual(once.cohorts[0]?.part);
  });

  it('is called by its number, where seeds are called by theirs', () => {
    const track = trackOf([]);
    expect(runName(track, 99)).toBe('seed 99');
    expect(runName(repeatSplits(track, 10), 8)).toBe('split 2 of 10');
  });
});
