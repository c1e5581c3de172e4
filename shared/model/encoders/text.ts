import { type Tensor, type Tensor2D, type Tensor3D, type Tensor4D, tf } from '../../compute/tf.ts';
import { dense, type TakeTensor } from '../layers.ts';
import type { EncoderInput } from './encoder.ts';

/**
 * Subwords by hash bucket → table → convolutions over neighbours → mean and maximum over the real subwords (bucket 0
 * is padding and leaves no trace; a note without any subword gives mean and maximum 0). → [p, embedding]. Given.
 */
export function encodeText(
  modality: { readonly tokens: number; readonly filters: readonly number[] },
  take: TakeTensor,
  input: EncoderInput,
): Tensor2D {
  const { tokens, filters } = modality;
  const { rows } = input;
  const table = take() as Tensor2D;
  const mask = tf.tensor4d(Float32Array.from(input.values, isReal), [rows, 1, tokens, 1]);
  const ids = tf.tensor1d(Int32Array.from(input.values), 'int32');
  const looked = tf.reshape(tf.gather(table, ids), [rows, 1, tokens, table.shape[1]]);

  let x = tf.mul(looked, mask) as Tensor4D;
  for (let layer = 0; layer < filters.length; layer++) {
    const sum = tf.add(tf.conv2d(x, take() as Tensor4D, 1, 'same'), take());
    x = tf.mul(tf.relu(sum), mask);
  }
  const words = tf.reshape(x, [rows, tokens, -1]) as Tensor3D;
  const pooled = tf.concat([mean(words, input), tf.max(words, 1)], 1) as Tensor2D; // [p, 2 · width]
  return dense(pooled, take(), take());
}

function mean(words: Tensor3D, input: EncoderInput): Tensor {
  const tokens = words.shape[1];
  const inverse = Float32Array.from({ length: input.rows }, (_, i) => {
    const real = input.values.subarray(i * tokens, (i + 1) * tokens).filter((bucket) => bucket !== 0).length;
    return 1 / Math.max(real, 1);
  });
  return tf.mul(tf.sum(words, 1), tf.tensor2d(inverse, [input.rows, 1]));
}

function isReal(bucket: number): number {
  return bucket === 0 ? 0 : 1;
}
