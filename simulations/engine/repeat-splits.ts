import { resplit } from '../statistics/repeated-splits.ts';
import type { SeededStudy } from './run-track.ts';
import type { Track } from './track.ts';

/**
 * The track with the patients of its first seed divided anew for each of `splits` runs, at least 2. The seed goes up by
 * one from run to run as well: first weights and the order of patients are chance like the split, and a spread without
 * them is too small (Bouthillier et al. 2021, arXiv:2103.03098). All strategies of a run have the same split.
 */
export function repeatSplits(track: Track, splits: number): Track {
  const first = track.seeds[0] as number;
  const seeds = Array.from({ length: splits }, (_, i) => first + i);
  let read: Promise<SeededStudy> | undefined;
  return {
    ...track,
    seeds,
    repeats: 'splits',
    async seeded(seed) {
      read ??= track.seeded(first);
      const { study, cohorts, ...rest } = await read;
      const salt = `${study.id}/split-${seeds.indexOf(seed) + 1}`;
      return {
        ...rest,
        study: { ...study, seed },
        cohorts: cohorts.map((cohort) => resplit(cohort, { shares: study.evaluation.split, salt })),
      };
    },
  };
}

/** What a run is called in progress and reports: `seed 42`, or `split 2 of 10`. */
export function runName({ seeds, repeats }: Pick<Track, 'seeds' | 'repeats'>, seed: number): string {
  return repeats === 'seeds' ? `seed ${seed}` : `split ${seeds.indexOf(seed) + 1} of ${seeds.length}`;
}
