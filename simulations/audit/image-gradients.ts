import type { Labels } from '../../client/data/cohort.ts';
import type { Batch } from '../../client/training/batch.ts';
import { objectiveOf } from '../../client/training/objective.ts';
import type { BlockValues } from '../../client/training/site-trainer.ts';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../../shared/compute/tf.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, encoderBlock } from '../../shared/core/ids.ts';
import { globalAverage, residualStages } from '../../shared/model/encoders/residual.ts';
import { IMAGE_STRIDES } from '../../shared/model/encoders/strides.ts';
import { inputShape } from '../../shared/model/inputs.ts';
import { dense, type TakeTensor, takeFrom } from '../../shared/model/layers.ts';
import { buildNetwork } from '../../shared/model/network.ts';
import type { Modality, Study } from '../../shared/study/study.ts';

/** First derivatives of the training loss of one patient with one image, by weights and by pixels. */
export interface ImageGradients {
  /** Numbers of an image. */
  readonly pixels: number;
  /** Where each tensor of weights begins in what `byWeights` gives, and where it ends. */
  readonly tensors: readonly { readonly from: number; readonly to: number }[];
  /** Of all blocks, one behind the other, in the order of the layouts. Given. */
  byWeights(blocks: BlockValues, image: Float32Array, label: number): Float32Array;
  /** [pixels]. Given. */
  byPixels(blocks: BlockValues, image: Float32Array, label: number): Float32Array;
}

/**
 * The model of a study with one modality of pixels, as training differentiates it, and also by the image, which training
 * never asks for. All tensors of a call are gone when it returns.
 * @throws ConsiliumError `INTERNAL` for another study.
 */
export function imageGradients(study: Study): ImageGradients {
  const [modality] = study.modalities;
  if ((modality?.kind !== 'image' && modality?.kind !== 'embedding') || study.modalities.length !== 1) {
    throw new ConsiliumError('INTERNAL', `image gradients of ${study.id}: expected one modality of pixels`);
  }
  const pixels = modality;
  const { id } = pixels;
  const shape = [1, ...inputShape(pixels)];
  const network = buildNetwork(study);
  const layouts = [...network.layouts];
  const block = encoderBlock(id);

  function run(x: Tensor, weights: ReadonlyMap<BlockId, readonly Tensor[]>, label: number): Tensor {
    const seeing = objectiveOf(study, {
      ...network,
      encode() {
        const take = takeFrom(weights.get(block) as readonly Tensor[]);
        const rows = encoded(pixels, take, x); // [1, embedding]
        return { size: 1, embedding: new Map([[id, rows]]), evidence: new Map([[id, dense(rows, take)]]) };
      },
    });
    const mask = new Map([[id, Float32Array.of(1)]]);
    const batch: Batch = { network: { size: 1, inputs: new Map() }, available: mask };
    const labels: Labels = { kind: 'class', values: Int32Array.of(label), classes: 2 };
    return seeing(weights, batch, labels, { kept: mask, patientWeights: undefined });
  }

  function upload(blocks: BlockValues): ReadonlyMap<BlockId, readonly Tensor[]> {
    return new Map(
      layouts.map(([key, { tensors }]) => {
        const values = blocks.get(key) as Float32Array;
        return [
          key,
          tensors.map(({ offset, size, shape }) =>
            tf.tensor(values.slice(offset, offset + size), [...shape]),
          ),
        ];
      }),
    );
  }

  return {
    pixels: shape.reduce((product, length) => product * length, 1),
    tensors: spansOf(layouts.flatMap(([, { tensors }]) => tensors.map(({ size }) => size))),

    byWeights(blocks, image, label) {
      const parts: Float32Array[] = [];
      tf.tidy(() => {
        const weights = upload(blocks);
        const x = tf.tensor(image, shape);
        const tensors = [...weights.values()].flat();
        const { grads } = tf.engine().gradients(() => run(x, weights, label), tensors, undefined, true);
        tensors.forEach((tensor, i) => {
          const gradient = grads[i] as Tensor | null | undefined;
          parts.push(
            gradient ? (gradient.dataSync().slice() as Float32Array) : new Float32Array(tensor.size),
          );
        });
      });
      return concatenated(parts);
    },

    byPixels(blocks, image, label) {
      return tf.tidy(() => {
        const weights = upload(blocks);
        const x = tf.tensor(image, shape);
        const { grads } = tf.engine().gradients(() => run(x, weights, label), [x], undefined, true);
        return (grads[0] as Tensor).dataSync().slice() as Float32Array;
      });
    },
  };
}

/** As the encoders of `shared/model`, of a tensor instead of plain values. */
function encoded(
  modality: Extract<Modality, { readonly kind: 'image' | 'embedding' }>,
  take: TakeTensor,
  x: Tensor,
): Tensor2D {
  if (modality.kind === 'embedding') {
    const hidden = modality.hidden.reduce((rows: Tensor) => dense(rows, take, { activation: 'relu' }), x);
    return dense(hidden, take);
  }
  const { filters, depth } = modality;
  const stages = { stages: filters.length, depth, strides: IMAGE_STRIDES };
  return dense(globalAverage(residualStages(x as Tensor4D, take, stages)), take);
}

function spansOf(sizes: readonly number[]): ImageGradients['tensors'] {
  let to = 0;
  return sizes.map((size) => {
    const from = to;
    to += size;
    return { from, to };
  });
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
