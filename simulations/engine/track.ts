import type { SiteId } from '../../shared/core/ids.ts';
import type { AssetReader } from '../../shared/study/assets.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Baseline } from '../baselines/baseline.ts';
import type { Target } from '../studies/catalog.ts';
import type { SeededStudy } from './run-track.ts';

/** One protocol of a study: its settings, its data by seed, and what it is compared with. */
export interface Track {
  readonly id: string;
  readonly title: string;
  /** The study file as written. */
  readonly source: string;
  /** With the first seed. */
  readonly study: Study;
  /** One run each. */
  readonly seeds: readonly number[];
  /** `splits`: each run has a random split of the same patients, besides its seed. */
  readonly repeats: 'seeds' | 'splits';
  readonly targets: readonly Target[];
  /** The site that is left out, whose patients are all that is judged. */
  readonly heldOut?: SiteId;
  readonly baselines: readonly Baseline[];
  readonly dataNote: string;
  /** Finds the files that the study names. */
  readonly assets: AssetReader;
  /** The study and its cohorts with one seed; the same seed gives the same. */
  seeded(seed: number): Promise<SeededStudy>;
}
