import { count, plural } from './numbers.ts';
import type { TrackReport } from './report-data.ts';

type Repeats = Pick<TrackReport, 'seeds' | 'splits'>;

/** "5 seeds", "1 seed" or "10 splits". */
export function repeatsText({ seeds, splits }: Repeats): string {
  return splits === undefined ? plural(seeds.length, 'seed') : `${count(splits.count)} splits`;
}

/** What the runs of a track differ in, in the singular. */
export function repeatWord({ splits }: Repeats): 'seed' | 'split' {
  return splits === undefined ? 'seed' : 'split';
}

/** Below so many patients, at least so many splits (both ours). */
const FEW_PATIENTS = 1000;
const ENOUGH_SPLITS = 10;

/** What a reader of repeated splits has to know; empty for other tracks. */
export function splitNotes(track: TrackReport): string[] {
  const { splits, sites } = track;
  if (splits === undefined) return [];
  const patients = sites.reduce((sum, { patients: p }) => sum + p.train + p.validation + p.test, 0);
  const about =
    `${count(splits.count)} random splits of the same ${plural(patients, 'patient')}, by class within each site, each with a seed of its ` +
    'own. Intervals and differences are over splits, corrected for the patients whom training sets share (Nadeau & Bengio ' +
    '2003, Machine Learning 52:239); curves, sites, subsets and groups are of the first split.';
  const isFew = patients < FEW_PATIENTS && splits.count < ENOUGH_SPLITS;
  return isFew
    ? [about, `Fewer than ${ENOUGH_SPLITS} splits of fewer than 1,000 patients: believe no difference yet.`]
    : [about];
}
