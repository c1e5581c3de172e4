import { type Tensor, type Tensor2D, tf } from '../../compute/tf.ts';
import type { ModalityId } from '../../core/ids.ts';
import type { TakeTensor } from '../layers.ts';
import type { Encoded } from '../network-port.ts';
import { applyHead } from './head.ts';

/** Head over the mean of the available embeddings. @returns [B, K]. Given. */
export function fuseMean(
  encoded: Encoded<Tensor>,
  masks: ReadonlyMap<ModalityId, Float32Array>,
  part: {
    readonly modalities: readonly ModalityId[];
    readonly take: TakeTensor;
    readonly jointHidden: number;
  },
): Tensor2D {
  return applyHead(meanEmbedding(encoded, masks, part.modalities), part.take, part.jointHidden);
}

/** Mean of e_m over each patient's S: [B, embedding]. Given. */
export function meanEmbedding(
  encoded: Encoded<Tensor>,
  masks: ReadonlyMap<ModalityId, Float32Array>,
  modalities: readonly ModalityId[],
): Tensor2D {
  const counts = new Float32Array(encoded.size);
  for (const modality of modalities)
    masks.get(modality)?.forEach((value, i) => {
      counts[i] = (counts[i] as number) + value;
    });
  const terms = modalities.map((modality) => {
    const mask = masks.get(modality) as Float32Array;
    const share = mask.map((value, i) => value / (counts[i] as number));
    return tf.mul(encoded.embedding.get(modality) as Tensor2D, tf.tensor2d(share, [encoded.size, 1]));
  });
  return (terms.length === 1 ? terms[0] : tf.addN(terms)) as Tensor2D;
}
