import type { Labels } from '../../client/data/cohort.ts';

/** One site's patients as a model scored them; stays inside the simulation. */
export interface ScoredPatients {
  readonly site: string;
  readonly n: number;
  /** [n, K] probabilities (binary: K = 1, of class 1), values in the target's unit, or log-risks. */
  readonly scores: Float32Array;
  /** Of the n scored patients, in the order of `scores`. */
  readonly labels: Labels;
  /** [n] position of each scored patient in the site's cohort, ascending. */
  readonly indices: Int32Array;
}
