import type { Tensor2D } from '../../compute/tf.ts';
import { tf } from '../../compute/tf.ts';
import { dense, type TakeTensor } from '../layers.ts';
import type { EncoderInput } from './encoder.ts';

/** Perceptron over the row's features: [p, features] → [p, embedding]. Linear where the study names no hidden layer. */
export function encodeTabular(
  modality: { readonly hidden: readonly number[] },
  take: TakeTensor,
  input: EncoderInput,
): Tensor2D {
  let x = tf.tensor2d(input.values, [input.rows, input.values.length / input.rows]);
  modality.hidden.forEach((_, i) => {
    x = dense(x, take, { activation: 'relu', isInput: i === 0 });
  });
  return dense(x, take, { isInput: modality.hidden.length === 0 });
}
