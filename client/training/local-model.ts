import type { BlockId, ModalityId } from '../../shared/core/ids.ts';
import type { BlockLayout } from '../../shared/tensor/block.ts';
import type { Labels } from '../data/cohort.ts';
import type { Batch } from './batch.ts';
import type { BlockValues } from './site-trainer.ts';

/**
 * A study's model for some of its modalities, as training and scoring use it. It keeps no weights: one serves any
 * number of sites of a thread, one call after the other. The same inputs give the same bits of the same model on the
 * same backend. Only typed arrays cross this port.
 */
export interface LocalModel {
  /** `encoder:<m>` for each modality in the study's order, `joint`, and `site` if the study has a site bias. */
  readonly layouts: ReadonlyMap<BlockId, BlockLayout>;
  /** K: 1 for binary, regression and survival; classes or labels otherwise. */
  readonly outputs: number;
  /**
   * One step's loss, without the proximal term, and its gradient.
   * @param blocks every block of `layouts` that the batch can touch. Borrowed, like the rest.
   * @throws ConsiliumError `INTERNAL` where one of them is absent or of another length.
   */
  gradients(blocks: BlockValues, batch: Batch, labels: Labels, options: StepOptions): LossAndGradients;
  /**
   * Each patient's own gradient, over all blocks together scaled down to L2 norm <= `clip`, summed over the patients. A
   * patient's loss is that of a batch of one. A patient whose gradient is not finite counts for nothing.
   * @param blocks as for `gradients`. @param options.clip above 0.
   * @throws ConsiliumError `INTERNAL` as `gradients`.
   */
  clippedGradients(blocks: BlockValues, batch: Batch, labels: Labels, options: ClipOptions): ClippedGradients;
  /**
   * l_S of each patient for each of `masks` ([B] of 0 and 1 per modality, a subset of what the patients have; a modality
   * without a mask is left out); the encoders run once.
   * @returns [B, K] for each. The row of a patient of whom a mask set leaves nothing has no meaning. Given.
   * @throws ConsiliumError `EMPTY_PATTERN` for a mask set without any modality of the batch.
   */
  logits(blocks: BlockValues, batch: Batch, masks: readonly ModalityMasks[]): readonly Float32Array[];
}

/** [B] of 0 and 1 per modality. */
export type ModalityMasks = ReadonlyMap<ModalityId, Float32Array>;

export interface StepOptions {
  /** S' of each patient: what modality dropout leaves, at least one. */
  readonly kept: ModalityMasks;
  /** [B], class weights. */
  readonly patientWeights: Float32Array | undefined;
}

export interface ClipOptions {
  readonly kept: ModalityMasks;
  /** C. */
  readonly clip: number;
}

export interface ClippedGradients {
  /** Sums, not means, of the blocks that the batch can touch, as in {@link LossAndGradients}. */
  readonly sums: ReadonlyMap<BlockId, ArrayLike<number>>;
  /** Patients left out because their gradient was not finite. */
  readonly dropped: number;
}

export interface LossAndGradients {
  readonly loss: number;
  /**
   * Of the blocks that the batch can touch (encoders of modalities that nobody in it has are left out), flat, in the
   * order of `layouts`. The caller's to change in place, until its next call of the model.
   */
  readonly gradients: ReadonlyMap<BlockId, Float32Array>;
}
