import type { BlockId, ModalityId } from '../../shared/core/ids.ts';
import type { EvaluationSums } from '../../shared/metrics/sums.ts';
import type { BlockUpdate, CensusResult } from '../../shared/protocol/messages.ts';
import type { Part } from '../data/cohort.ts';

/**
 * One site's training and scoring, wherever it runs: in this thread or in a worker. Only typed arrays cross it,
 * never tensors. Calls for one site do not overlap.
 */
export interface SiteTrainer {
  /** Takes the agreed scales; before the first `train` or `score`. Repeating it with the same census does nothing. */
  prepare(census: CensusResult): Promise<void>;
  /** @throws ConsiliumError `NOT_FINITE` when training diverges: nothing of the round may then be sent. */
  train(request: TrainRequest): Promise<TrainOutcome>;
  /** Sums per subset, ready to leave the site; undefined where no patient of the part can be scored. */
  evaluate(request: ScoreRequest): Promise<readonly (EvaluationSums | undefined)[]>;
  /** Per-patient scores: for use inside the site (and by a simulation, which owns the site), never to be sent. */
  score(request: ScoreRequest): Promise<readonly SubsetScores[]>;
}

/** Weights of the blocks that a site can use, by id. Borrowed. */
export type BlockValues = ReadonlyMap<BlockId, Float32Array>;

export interface TrainRequest {
  readonly round: number;
  /** The round's global blocks. */
  readonly blocks: BlockValues;
  /** Blocks that stay: `site`, and encoders that nobody else holds. A missing `site` block starts from the prevalence. */
  readonly local: BlockValues;
  /** What may be released, with a_k and C_b. */
  readonly release: ReadonlyMap<BlockId, { readonly weight: number; readonly clip: number }>;
  /** Modalities that cannot be read this round (an outage, a scanner not yet bought). */
  readonly absent: readonly ModalityId[];
}

export interface TrainOutcome {
  /** In the order of `release`; a block that no step touched is left out. Given. */
  readonly updates: readonly BlockUpdate[];
  /** The next `local`. Given. */
  readonly local: BlockValues;
  /** Mean loss over the round's steps; 0 in record mode, where it would be a figure without noise. */
  readonly loss: number;
  /** Training patients that had at least one readable modality. */
  readonly patients: number;
  /** Record mode: how often a patient was left out of a step, for a gradient that was not finite. Never leaves the site. */
  readonly dropped: number;
}

export interface ScoreRequest {
  readonly part: Part;
  readonly subsets: readonly (readonly ModalityId[])[];
  readonly blocks: BlockValues;
  readonly local: BlockValues;
}

export interface SubsetScores {
  /** Indices into the cohort, ascending: patients of the part with at least one modality of the subset. */
  readonly patients: Int32Array;
  /** [patients, outputs]: probabilities, log-risks, or values in the unit of the label. */
  readonly scores: Float32Array;
}
