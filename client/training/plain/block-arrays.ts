import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { BlockLayout } from '../../../shared/tensor/block.ts';
import type { BlockValues } from '../site-trainer.ts';

/** One block's weights and gradient in double precision, kept from step to step. */
export interface BlockArrays {
  readonly layout: BlockLayout;
  readonly weights: Float64Array;
  /** Summed up by the backward pass. */
  readonly gradient: Float64Array;
  /** The gradient once rounded to single precision: what leaves the model. */
  readonly rounded: Float32Array;
}

export function blockArrays(layout: BlockLayout): BlockArrays {
  const { size } = layout;
  return {
    layout,
    weights: new Float64Array(size),
    gradient: new Float64Array(size),
    rounded: new Float32Array(size),
  };
}

/**
 * Takes the block's weights from `blocks`, and sets the gradient to 0.
 * @throws ConsiliumError `INTERNAL` where they are absent or of another length.
 */
export function loadBlock({ layout, weights, gradient }: BlockArrays, blocks: BlockValues): void {
  const values = blocks.get(layout.id);
  if (values?.length !== layout.size) {
    const found = values?.length ?? 'none';
    throw new ConsiliumError('INTERNAL', `${layout.id}: expected ${layout.size} weights, got ${found}`);
  }
  weights.set(values);
  gradient.fill(0);
}

/** The gradient in single precision; lent until the next call. */
export function roundedGradient({ gradient, rounded }: BlockArrays): Float32Array {
  rounded.set(gradient);
  return rounded;
}
