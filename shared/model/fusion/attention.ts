import { type Tensor, type Tensor2D, tf } from '../../compute/tf.ts';
import type { ModalityId } from '../../core/ids.ts';
import { dense, product, type TakeTensor } from '../layers.ts';
import type { Encoded } from '../network-port.ts';
import { applyHead } from './head.ts';
import { attentionHeads } from './joint-parameters.ts';
import { meanEmbedding } from './mean.ts';

/** Added to the score of an absent token: its weight underflows to exactly 0. */
const ABSENT = -1e9;

/**
 * One layer of multi-head attention (Vaswani et al. 2017, arXiv:1706.03762) over the patient's tokens e_m, absent ones
 * masked; mean over S of token + attended token; then the head. @returns [B, K]. Given.
 */
export function fuseAttention(
  encoded: Encoded<Tensor>,
  masks: ReadonlyMap<ModalityId, Float32Array>,
  part: {
    readonly modalities: readonly ModalityId[];
    readonly take: TakeTensor;
    readonly jointHidden: number;
  },
): Tensor2D {
  const { modalities, take, jointHidden } = part;
  const { size } = encoded;
  const tokens = modalities.map((modality) => encoded.embedding.get(modality) as Tensor2D);
  const width = (tokens[0] as Tensor2D).shape[1];
  const count = modalities.length;
  const heads = attentionHeads(width);

  const stacked = tf.reshape(tf.concat(tokens, 1), [size * count, width]);
  const projected = tf.reshape(product(stacked, take(), take.watch), [size, count, 3, heads, width / heads]);
  // [3, B, heads, count, width / heads]
  const [queries, keys, values] = tf.unstack(tf.transpose(projected, [2, 0, 3, 1, 4])) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const scores = tf.mul(tf.matMul(queries, keys, false, true), Math.sqrt(heads / width)); // [B, heads, count, count]
  const weights = tf.softmax(tf.add(scores, absentKeys(modalities, masks, size)));
  const attended = tf.transpose(tf.matMul(weights, values), [0, 2, 1, 3]); // [B, count, heads, width / heads]
  const mixed = tf.reshape(dense(tf.reshape(attended, [size * count, width]), take), [size, count, width]);

  const answers = new Map(
    modalities.map((modality, m): [ModalityId, Tensor] => {
      const answer = tf.reshape(tf.slice(mixed, [0, m, 0], [-1, 1, -1]), [size, width]);
      return [modality, tf.add(tokens[m] as Tensor2D, answer)];
    }),
  );
  return applyHead(meanEmbedding({ ...encoded, embedding: answers }, masks, modalities), take, jointHidden);
}

/** [B, 1, 1, count]: 0 for the available, {@link ABSENT} for the rest. */
function absentKeys(
  modalities: readonly ModalityId[],
  masks: ReadonlyMap<ModalityId, Float32Array>,
  size: number,
): Tensor {
  const values = new Float32Array(size * modalities.length);
  modalities.forEach((modality, m) => {
    const mask = masks.get(modality) as Float32Array;
    for (let i = 0; i < size; i++) values[i * modalities.length + m] = mask[i] === 0 ? ABSENT : 0;
  });
  return tf.tensor4d(values, [size, 1, 1, modalities.length]);
}
