import type { BlockId, ModalityId } from '../core/ids.ts';
import type { BlockLayout } from '../tensor/block.ts';
import type { WatchRows } from './layer-watch.ts';

/** Some patients' inputs, already encoded (`shared/model/inputs.ts`): plain arrays, no tensors. */
export interface NetworkBatch {
  /** B, at least 1. */
  readonly size: number;
  /** Modalities that at least one patient of the batch has; never an empty entry. */
  readonly inputs: ReadonlyMap<ModalityId, ModalityInput>;
}

export interface ModalityInput {
  /**
   * Of each of the p >= 1 rows the position of its patient in the batch, ascending. A position that comes several times
   * is a patient with several images, recordings or notes: their embeddings are averaged.
   */
  readonly positions: Int32Array;
  /** [p, ...input shape]; text as bucket numbers. */
  readonly values: Float32Array | Int32Array;
}

/** A block's tensors in the order of its layout. */
export type Weights<T> = ReadonlyMap<BlockId, readonly T[]>;

/** What the encoders made of a batch. Rows of patients without the modality are 0. */
export interface Encoded<T> {
  readonly size: number;
  /** e_m: [B, embedding]. */
  readonly embedding: ReadonlyMap<ModalityId, T>;
  /** l_m: [B, outputs]; the evidence of m alone (fusion `mean` and `attention` have it too, for the unimodal loss). */
  readonly evidence: ReadonlyMap<ModalityId, T>;
}

/**
 * The differentiable part of a study's model, for the modalities of one site or of all. Built from the study alone.
 * `T` is the tensor type of the compute door. Both functions run inside the caller's `tf.tidy`; what they return is
 * the caller's.
 */
export interface Network<T> {
  readonly modalities: readonly ModalityId[];
  /** `encoder:<m>` for each of `modalities`, `joint`, and `site` if the study has a site bias. */
  readonly layouts: ReadonlyMap<BlockId, BlockLayout>;
  /** K: 1 for binary, regression and survival; classes or labels otherwise. */
  readonly outputs: number;
  /** @param watch told of the use of each parameter in the backward pass. */
  encode(weights: Weights<T>, batch: NetworkBatch, watch?: WatchRows<T>): Encoded<T>;
  /**
   * l_S for each patient.
   * @param masks [B] of 0 and 1 per modality: S, a subset of what the patient has; each patient keeps at least one.
   * A modality without a mask is left out. @returns [B, outputs] logits, log-risks or standardized targets.
   */
  fuse(
    weights: Weights<T>,
    encoded: Encoded<T>,
    masks: ReadonlyMap<ModalityId, Float32Array>,
    watch?: WatchRows<T>,
  ): T;
}
