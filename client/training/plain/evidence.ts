import { ConsiliumError } from '../../../shared/core/errors.ts';
import { sigmoid } from '../../../shared/model/heads/loss-values.ts';
import type { BlockLayout } from '../../../shared/tensor/block.ts';
import type { ModalityMasks } from '../local-model.ts';
import type { BlockValues } from '../site-trainer.ts';
import { type BlockArrays, blockArrays, loadBlock } from './block-arrays.ts';
import { type EncodedRows, softplus } from './modality-encoder.ts';
import { denseLayers, perceptron } from './perceptron.ts';

/**
 * Masked product of experts, as `shared/model/fusion/evidence.ts` with its gradient written out:
 *   a = sum_{m in S} t_m l_m / T,  T = t_0 + sum_{m in S} t_m,  l_S = a + R(mean of e_m over S).
 * From g = dL/dl_S: dL/dl_m = (t_m / T) g;  dL/dt_m = g · (l_m - a) / T;  dL/dt_0 = -g · a / T.
 */
export interface EvidenceFusion {
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
   * Adds to the slopes of what the last `fuse` read, and to the block's gradient.
   * @param slope dL/dl_S: [B, K].
   */
  backward(slope: Float64Array): void;
}

export function evidenceFusion(
  layout: BlockLayout,
  shape: { readonly embedding: number; readonly outputs: number },
): EvidenceFusion {
  const { embedding: width, outputs } = shape;
  const block = blockArrays(layout);
  // The order of `jointParameters`: s_0, then R's layers if there is an R.
  const layers = denseLayers(layout.tensors.slice(1));
  const head = layers.length === 0 ? undefined : perceptron(layers);
  let capacity = 0;
  /** T of each patient: [B]. */
  let totals = new Float64Array(0);
  /** |S| of each patient: [B]. */
  let counts = new Float64Array(0);
  /** a: [B, K]. */
  let weighted = new Float64Array(0);
  /** l_S: [B, K]. */
  let fused = new Float64Array(0);
  /** dL/d(mean of e_m): [B, embedding]. */
  let meanSlope = new Float64Array(0);
  let used: readonly { readonly rows: EncodedRows; readonly mask: Float32Array }[] = [];
  let patients = 0;

  function reserve(size: number): void {
    if (size <= capacity) return;
    capacity = size;
    totals = new Float64Array(size);
    counts = new Float64Array(size);
    weighted = new Float64Array(size * outputs);
    fused = new Float64Array(size * outputs);
    meanSlope = new Float64Array(size * width);
  }

  /** The sums over S: counts, T and t · l, of which the last becomes a. */
  function weigh(): void {
    totals.fill(softplus(block.weights[0] as number), 0, patients);
    counts.fill(0, 0, patients);
    weighted.fill(0, 0, patients * outputs);
    for (const { rows, mask } of used) {
      const { positions, evidence, precision } = rows;
      for (let p = 0; p < positions.length; p++) {
        const patient = positions[p] as number;
        if (mask[patient] === 0) continue;
        counts[patient] = (counts[patient] as number) + 1;
        totals[patient] = (totals[patient] as number) + precision;
        for (let k = 0; k < outputs; k++) {
          const at = patient * outputs + k;
          weighted[at] = (weighted[at] as number) + precision * (evidence[p * outputs + k] as number);
        }
      }
    }
    for (let patient = 0; patient < patients; patient++) {
      if (counts[patient] === 0) continue;
      for (let at = patient * outputs; at < (patient + 1) * outputs; at++) {
        weighted[at] = (weighted[at] as number) / (totals[patient] as number);
      }
    }
  }

  /** Mean of e_m over S: [B, embedding], into `mean`. */
  function average(mean: Float64Array): void {
    mean.fill(0, 0, patients * width);
    for (const { rows, mask } of used) {
      const { positions, embedding } = rows;
      for (let p = 0; p < positions.length; p++) {
        const patient = positions[p] as number;
        if (mask[patient] === 0) continue;
        const share = 1 / (counts[patient] as number);
        for (let j = 0; j < width; j++) {
          const at = patient * width + j;
          mean[at] = (mean[at] as number) + share * (embedding[p * width + j] as number);
        }
      }
    }
  }

  /** Hands dL/d(mean of e_m) on to the embeddings that it was the mean of. */
  function spread(): void {
    for (const { rows, mask } of used) {
      const { positions, slopes } = rows;
      for (let p = 0; p < positions.length; p++) {
        const patient = positions[p] as number;
        if (mask[patient] === 0) continue;
        const share = 1 / (counts[patient] as number);
        for (let j = 0; j < width; j++) {
          const at = p * width + j;
          slopes.embedding[at] =
            (slopes.embedding[at] as number) + share * (meanSlope[patient * width + j] as number);
        }
      }
    }
  }

  return {
    block,

    load(blocks) {
      loadBlock(block, blocks);
    },

    fuse(encoded, masks, size) {
      reserve(size);
      patients = size;
      used = encoded.flatMap((rows) => {
        const mask = masks.get(rows.id);
        return mask === undefined ? [] : [{ rows, mask }];
      });
      if (used.length === 0) throw new ConsiliumError('EMPTY_PATTERN', 'fuse: expected a modality, got none');
      weigh();
      if (head === undefined) {
        fused.set(weighted);
        return fused;
      }
      average(head.input(size));
      const interaction = head.forward(block.weights, size);
      for (let at = 0; at < size * outputs; at++)
        fused[at] = (weighted[at] as number) + (interaction[at] as number);
      return fused;
    },

    backward(slope) {
      let priorSlope = 0;
      for (let patient = 0; patient < patients; patient++) {
        if (counts[patient] === 0) continue;
        for (let at = patient * outputs; at < (patient + 1) * outputs; at++) {
          priorSlope -= ((slope[at] as number) * (weighted[at] as number)) / (totals[patient] as number);
        }
      }
      block.gradient[0] = (block.gradient[0] as number) + priorSlope * sigmoid(block.weights[0] as number);
      for (const { rows, mask } of used) {
        const { positions, evidence, precision, slopes } = rows;
        let precisionSlope = 0;
        for (let p = 0; p < positions.length; p++) {
          const patient = positions[p] as number;
          if (mask[patient] === 0) continue;
          const inverse = 1 / (totals[patient] as number);
          for (let k = 0; k < outputs; k++) {
            const at = p * outputs + k;
            const push = inverse * (slope[patient * outputs + k] as number);
            slopes.evidence[at] = (slopes.evidence[at] as number) + precision * push;
            precisionSlope += push * ((evidence[at] as number) - (weighted[patient * outputs + k] as number));
          }
        }
        slopes.precision += precisionSlope;
      }
      if (head === undefined) return;
      meanSlope.fill(0, 0, patients * width);
      head.backward(block.weights, { gradient: block.gradient, inputGradient: meanSlope }, slope, patients);
      spread();
    },
  };
}
