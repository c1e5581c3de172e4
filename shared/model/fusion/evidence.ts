import { type Tensor, type Tensor2D, tf } from '../../compute/tf.ts';
import type { ModalityId } from '../../core/ids.ts';
import type { LayerWatch } from '../layer-watch.ts';
import type { TakeTensor } from '../layers.ts';
import type { Encoded } from '../network-port.ts';
import { applyHead } from './head.ts';
import { meanEmbedding } from './mean.ts';

/**
 * Masked product of experts:
 *   l_S = sum_{m in S} t_m l_m / (t_0 + sum_{m in S} t_m) + R(mean of e_m over S),  t = softplus(s).
 * Both sums run over the patient's own S; t_0 shrinks towards the prior where little is known.
 * @param precisions s_m [1] of each of `modalities`, in their order.
 * @param take prior precision s_0 [1], then R's tensors if there is one.
 * @returns [B, K]. Given.
 */
export function fuseEvidence(
  encoded: Encoded<Tensor>,
  masks: ReadonlyMap<ModalityId, Float32Array>,
  part: {
    readonly modalities: readonly ModalityId[];
    readonly precisions: readonly Tensor[];
    readonly take: TakeTensor;
    readonly jointHidden: number;
  },
): Tensor2D {
  const { modalities, precisions, take, jointHidden } = part;
  const count = modalities.length;
  const available = tf.tensor2d(interleaved(modalities, masks, encoded.size), [encoded.size, count]);
  const positive = tf.softplus(besideEachOther([take(), ...precisions], encoded.size, take.watch));
  const weights = tf.mul(available, tf.slice(positive, [0, 1], [-1, count])); // [B, count]
  const total = tf.add(tf.sum(weights, 1, true), tf.slice(positive, [0, 0], [-1, 1])); // [B, 1]
  const shares = tf.div(weights, total); // [B, count]

  const evidence = modalities.map((modality) => encoded.evidence.get(modality) as Tensor2D);
  const outputs = (evidence[0] as Tensor2D).shape[1];
  const weighted =
    outputs === 1
      ? tf.sum(tf.mul(shares, tf.concat(evidence, 1)), 1, true)
      : tf.addN(evidence.map((logits, m) => tf.mul(logits, tf.slice(shares, [0, m], [-1, 1]))));
  if (jointHidden === 0) return weighted as Tensor2D;
  return tf.add(weighted, applyHead(meanEmbedding(encoded, masks, modalities), take, jointHidden));
}

/** s_0, then s_m: [1, 1 + count]; where their use is watched a copy for each patient, [B, 1 + count]. */
function besideEachOther(
  scalars: readonly Tensor[],
  size: number,
  watch: LayerWatch<Tensor> | undefined,
): Tensor {
  const row = tf.reshape(tf.concat([...scalars]), [1, scalars.length]);
  if (watch === undefined) return row;
  return watch.probe(tf.tile(row, [size, 1]), [], (slopes) =>
    scalars.map((parameter, i) => ({
      kind: 'sum',
      parameter,
      slopes: tf.slice(slopes, [0, i], [-1, 1]),
    })),
  );
}

/** [B, modalities] of 0 and 1. */
function interleaved(
  modalities: readonly ModalityId[],
  masks: ReadonlyMap<ModalityId, Float32Array>,
  size: number,
): Float32Array {
  const values = new Float32Array(size * modalities.length);
  modalities.forEach((modality, m) => {
    const mask = masks.get(modality) as Float32Array;
    for (let i = 0; i < size; i++) values[i * modalities.length + m] = mask[i] as number;
  });
  return values;
}
