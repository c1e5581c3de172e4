import { sigmoid } from '../../../shared/model/heads/loss-values.ts';
import type { BlockLayout } from '../../../shared/tensor/block.ts';
import { blockArrays, loadBlock } from './block-arrays.ts';
import type { FusionShape, PlainFusion } from './fusion.ts';
import {
  averageEmbedding,
  countModalities,
  type MaskedRows,
  maskedRows,
  spreadMeanSlope,
} from './mean-embedding.ts';
import { softplus } from './modality-encoder.ts';
import { sumOfRows } from './per-patient.ts';
import { denseLayers, perceptron } from './perceptron.ts';

/**
 * Masked product of experts, as `shared/model/fusion/evidence.ts` with its gradient written out:
 *   a = sum_{m in S} t_m l_m / T,  T = t_0 + sum_{m in S} t_m,  l_S = a + R(mean of e_m over S).
 * From g = dL/dl_S: dL/dl_m = (t_m / T) g;  dL/dt_m = g · (l_m - a) / T;  dL/dt_0 = -g · a / T.
 */
export function evidenceFusion(layout: BlockLayout, shape: FusionShape): PlainFusion {
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
  /** dL/ds_0 of each patient: [B]. */
  let priorSlopes = new Float64Array(0);
  /** dL/d(mean of e_m): [B, embedding]. */
  let meanSlope = new Float64Array(0);
  let used: readonly MaskedRows[] = [];
  let patients = 0;

  function reserve(size: number): void {
    if (size <= capacity) return;
    capacity = size;
    totals = new Float64Array(size);
    counts = new Float64Array(size);
    priorSlopes = new Float64Array(size);
    weighted = new Float64Array(size * outputs);
    fused = new Float64Array(size * outputs);
    meanSlope = new Float64Array(size * width);
  }

  /** The sums over S: T and t · l, of which the last becomes a. */
  function weigh(): void {
    totals.fill(softplus(block.weights[0] as number), 0, patients);
    weighted.fill(0, 0, patients * outputs);
    for (const { rows, mask } of used) {
      const { positions, evidence, precision } = rows;
      for (let p = 0; p < positions.length; p++) {
        const patient = positions[p] as number;
        if (mask[patient] === 0) continue;
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

  return {
    block,

    load(blocks) {
      loadBlock(block, blocks);
    },

    fuse(encoded, masks, size) {
      reserve(size);
      patients = size;
      used = maskedRows(encoded, masks);
      countModalities(used, counts, size);
      weigh();
      if (head === undefined) {
        fused.set(weighted);
        return fused;
      }
      averageEmbedding(used, head.input(size), { counts, size, width });
      const interaction = head.forward(block.weights, size);
      for (let at = 0; at < size * outputs; at++)
        fused[at] = (weighted[at] as number) + (interaction[at] as number);
      return fused;
    },

    backward(slope) {
      const bend = sigmoid(block.weights[0] as number);
      for (let patient = 0; patient < patients; patient++) {
        let push = 0;
        if (counts[patient] !== 0) {
          for (let at = patient * outputs; at < (patient + 1) * outputs; at++) {
            push -= ((slope[at] as number) * (weighted[at] as number)) / (totals[patient] as number);
          }
        }
        priorSlopes[patient] = bend * push;
      }
      for (const { rows, mask } of used) {
        const { positions, evidence, precision, slopes } = rows;
        for (let p = 0; p < positions.length; p++) {
          const patient = positions[p] as number;
          if (mask[patient] === 0) continue;
          const inverse = 1 / (totals[patient] as number);
          let precisionSlope = 0;
          for (let k = 0; k < outputs; k++) {
            const at = p * outputs + k;
            const push = inverse * (slope[patient * outputs + k] as number);
            slopes.evidence[at] = (slopes.evidence[at] as number) + precision * push;
            precisionSlope += push * ((evidence[at] as number) - (weighted[patient * outputs + k] as number));
          }
          slopes.precision[p] = (slopes.precision[p] as number) + precisionSlope;
        }
      }
      if (head === undefined) return;
      meanSlope.fill(0, 0, patients * width);
      head.backward(block.weights, slope, patients, meanSlope);
      spreadMeanSlope(used, meanSlope, { counts, width });
    },

    addSquares(squares) {
      for (let patient = 0; patient < patients; patient++) {
        squares[patient] = (squares[patient] as number) + (priorSlopes[patient] as number) ** 2;
      }
      head?.addSquares(squares);
    },

    collect(factors) {
      const prior = sumOfRows(priorSlopes, { rows: patients, width: 1, k: 0 }, factors);
      block.gradient[0] = (block.gradient[0] as number) + prior;
      head?.collect(block.gradient, factors);
    },
  };
}
