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
import { denseLayers, perceptron } from './perceptron.ts';

/** The joint head over the mean of e_m over S, as `shared/model/fusion/mean.ts`. */
export function meanFusion(layout: BlockLayout, { embedding: width }: FusionShape): PlainFusion {
  const block = blockArrays(layout);
  const head = perceptron(denseLayers(layout.tensors));
  /** |S| of each patient: [B]. */
  let counts = new Float64Array(0);
  /** dL/d(mean of e_m): [B, embedding]. */
  let meanSlope = new Float64Array(0);
  let used: readonly MaskedRows[] = [];
  let patients = 0;

  return {
    block,

    load(blocks) {
      loadBlock(block, blocks);
    },

    fuse(encoded, masks, size) {
      used = maskedRows(encoded, masks);
      patients = size;
      if (counts.length < size) {
        counts = new Float64Array(size);
        meanSlope = new Float64Array(size * width);
      }
      countModalities(used, counts, size);
      averageEmbedding(used, head.input(size), { counts, size, width });
      return head.forward(block.weights, size);
    },

    backward(slope) {
      meanSlope.fill(0, 0, patients * width);
      head.backward(block.weights, slope, patients, meanSlope);
      spreadMeanSlope(used, meanSlope, { counts, width });
    },

    addSquares(squares) {
      head.addSquares(squares);
    },

    collect(factors) {
      head.collect(block.gradient, factors);
    },
  };
}
