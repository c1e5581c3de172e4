import type { ModalityMasks } from '../local-model.ts';
import type { BlockValues } from '../site-trainer.ts';
import type { BlockArrays } from './block-arrays.ts';
import type { EncodedRows } from './modality-encoder.ts';

/** How what the encoders made of a patient's modalities becomes l_S, with its gradient written out. */
export interface PlainFusion {
  /** The `joint` block. */
  readonly block: BlockArrays;
  /** Loads the weights of `joint` for the calls to come. */
  load(blocks: BlockValues): void;
  /**
   * @param masks [B] of 0 and 1 by modality: S. A modality without one is left out.
   * @returns l_S: [B, K] at the start of the array, lent until the next call; without meaning for a patient without any modality.
   * @throws ConsiliumError `EMPTY_PATTERN` where no modality has a mask.
   */
  fuse(encoded: readonly EncodedRows[], masks: ModalityMasks, size: number): Float64Array;
  /**
   * Adds to the slopes of what the last `fuse` read, and keeps those of its own weights patient by patient.
   * @param slope dL/dl_S: [B, K]; borrowed until `collect`, which may change it.
   */
  backward(slope: Float64Array): void;
  /** Adds ‖gradient of the block‖² of each patient of the last `backward`. @param squares [B]. */
  addSquares(squares: Float64Array): void;
  /** Sums the block's gradient up over these patients, each times its factor if given; ends the pass. @param factors [B]. */
  collect(factors?: Float64Array): void;
}

/** Numbers of the joint head. */
export interface FusionShape {
  readonly embedding: number;
  readonly outputs: number;
}
