import { existsSync } from 'node:fs';
import type { SiteCohort } from '../../client/data/cohort.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { siteId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import { defaultDataDir, type ShippedStudy, type ShippedTrack } from '../studies/catalog.ts';
import { demoCohorts } from './demo.ts';
import { holdOut } from './hold-out.ts';
import { type LoadOptions, loadCohorts } from './load.ts';
import { partitionCohort } from './partition.ts';

export interface LoadTrackOptions extends LoadOptions {
  /** The folder of the study's data; by default {@link defaultDataDir} of `dataRoot`. Not used where data is generated. */
  readonly dataDir?: string | undefined;
  /** The folder that holds the folders of all data sets. */
  readonly dataRoot?: string | undefined;
  /** Number of generated hospitals. */
  readonly sites?: number | undefined;
}

/**
 * The cohorts of a track of a study that ships; those of the demo from the study's seed.
 * @param study the track's study file as read, with overrides.
 * @throws ConsiliumError `FILE_UNREADABLE` saying which data set is wanted, or as `loadSites`.
 */
export async function loadTrack(
  shipped: ShippedStudy,
  track: ShippedTrack,
  study: Study,
  options: LoadTrackOptions = {},
): Promise<SiteCohort[]> {
  if (track.cohorts.kind === 'demo') {
    const { sites } = options;
    return demoCohorts({
      seed: study.seed,
      split: study.evaluation.split,
      ...(sites === undefined ? {} : { sites }),
    });
  }
  const dataDir = options.dataDir ?? defaultDataDir(shipped, options.dataRoot) ?? '.';
  if (!existsSync(dataDir)) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `study ${shipped.id}: expected its data in ${dataDir}, got nothing of that name`,
      {
        hint: `Name the folder with --data DIR. It needs: ${shipped.dataHint}`,
      },
    );
  }
  if (track.cohorts.kind === 'grouped') {
    const { file, group } = track.cohorts;
    const [whole] = await loadCohorts(study, [file], dataDir, options);
    return byGroup(whole as SiteCohort, group);
  }
  const cohorts = await loadCohorts(study, track.cohorts.files, dataDir, options);
  return track.heldOut === undefined ? cohorts : holdOut(cohorts, siteId(track.heldOut));
}

/** One site for each level of the group, in the order of their ids. */
function byGroup(whole: SiteCohort, group: string): SiteCohort[] {
  const sites = (whole.groups.get(group)?.levels ?? []).map(siteId);
  const rule = { kind: 'group', group } as const;
  return partitionCohort(whole, sites, { rule, seed: 0 }).sort((a, b) => (a.site < b.site ? -1 : 1));
}
