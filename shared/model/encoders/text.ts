import {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
} from '../../compute/tf.ts';
import type { LayerWatch } from '../layer-watch.ts';
import { addBias, convolution, dense, type TakeTensor } from '../layers.ts';
import type { EncoderInput } from './encoder.ts';
import { gruStates } from './gru.ts';
import { poolWords } from './pool-words.ts';

/**
 * Subwords by bucket → table → convolutions over neighbours → with `recurrent`, the states of a GRU over them → sum by
 * attention over the real subwords (bucket 0 is padding and leaves no trace; a note without any subword gives 0).
 * → [p, embedding]. Given.
 */
export function encodeText(
  modality: {
    readonly tokens: number;
    readonly filters: readonly number[];
    readonly recurrent: boolean;
  },
  take: TakeTensor,
  input: EncoderInput,
): Tensor2D {
  const { tokens, filters, recurrent } = modality;
  const { rows } = input;
  const table = take() as Tensor2D;
  const isReal = Uint8Array.from(input.values, (bucket) => (bucket === 0 ? 0 : 1));
  const mask = tf.tensor4d(Float32Array.from(isReal), [rows, 1, tokens, 1]);
  const ids = tf.tensor1d(Int32Array.from(input.values), 'int32');
  const looked = tf.reshape(lookUp(table, ids, take.watch), [rows, 1, tokens, table.shape[1]]);

  let x = tf.mul(looked, mask) as Tensor4D;
  for (let layer = 0; layer < filters.length; layer++) {
    const sum = addBias(convolution(x, take), take(), take.watch);
    x = tf.mul(tf.relu(sum), mask);
  }
  const words: Tensor3D = tf.reshape(x, [rows, tokens, x.shape[3]]);
  const read = recurrent ? gruStates(words, take, isReal) : words;
  const pooled = poolWords(read, take(), isReal, take.watch); // [p, width]
  return dense(pooled, take);
}

/** Rows `ids` of the table. */
function lookUp(table: Tensor2D, ids: Tensor1D, watch: LayerWatch<Tensor> | undefined): Tensor {
  const rows = tf.gather(table, ids);
  if (watch === undefined) return rows;
  return watch.probe(rows, [ids], (slopes, [read]) => [
    { kind: 'lookup', parameter: table, ids: (read as Tensor).dataSync() as Int32Array, slopes },
  ]);
}
