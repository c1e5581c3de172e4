import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId } from '../../shared/core/ids.ts';
import type { BlockUpdate } from '../../shared/protocol/messages.ts';
import { quantize, stepsHeader } from '../../shared/tensor/ring.ts';

export interface TrainedBlock {
  readonly block: BlockId;
  /** Weights before and after the round, same length. Borrowed. */
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** Local steps that touched the block, at least 1. */
  readonly steps: number;
}

export interface ReleaseTerms {
  /** a_k: the site's registered integer share of the block's weight. */
  readonly weight: number;
  /** C_b: L2 norm to which the delta is clipped. */
  readonly clip: number;
  /** FedNova: the delta is divided by the steps, and their count enters the update. */
  readonly perStep: boolean;
}

/**
 * The one way from trained weights to something that may be sent, in this order:
 * 1. gate: only finite deltas; a diverged block is refused whole, nothing is repaired;
 * 2. clip to C_b, which bounds what one site moves;
 * 3. quantize into the ring, so that the sum has no order and fits a mask.
 * @throws ConsiliumError `NOT_FINITE`.
 */
export function releaseBlock(trained: TrainedBlock, terms: ReleaseTerms): BlockUpdate {
  const { block, before, after } = trained;
  if (before.length !== after.length) {
    throw new ConsiliumError(
      'INTERNAL',
      `${block}: expected ${before.length} trained weights, got ${after.length}`,
    );
  }
  const delta = new Float32Array(before.length);
  for (let i = 0; i < delta.length; i++) delta[i] = (after[i] as number) - (before[i] as number);
  const share = terms.weight;
  const perStep = terms.perStep ? { steps: trained.steps } : {};
  const { vector, clipped } = quantize(delta, { share, clip: terms.clip, ...perStep });
  return {
    block,
    weight: share,
    steps: terms.perStep ? stepsHeader(share, trained.steps) : 0,
    vector,
    clipped,
  };
}
