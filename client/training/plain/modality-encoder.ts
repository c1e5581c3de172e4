import type { ModalityId } from '../../../shared/core/ids.ts';
import { sigmoid } from '../../../shared/model/heads/loss-values.ts';
import type { ModalityInput } from '../../../shared/model/network-port.ts';
import type { BlockLayout, TensorSpec } from '../../../shared/tensor/block.ts';
import type { BlockValues } from '../site-trainer.ts';
import { type BlockArrays, blockArrays, loadBlock } from './block-arrays.ts';
import { sumOfRows } from './per-patient.ts';
import { denseLayers, perceptron } from './perceptron.ts';

/**
 * What a modality's encoder made of the p patients of a batch that have it. The arrays hold at least p rows; they are
 * lent until the encoder's next batch.
 */
export interface EncodedRows {
  readonly id: ModalityId;
  /** [p] positions in the batch, ascending. */
  readonly positions: Int32Array;
  /** e_m: [p, embedding]. */
  readonly embedding: Float64Array;
  /** l_m: [p, K]. */
  readonly evidence: Float64Array;
  /** t_m = softplus(s_m); 1 where the fusion does not weigh evidence. */
  readonly precision: number;
  /** Gradients by the three above, that of the precision row by row: [p]; start at 0, whoever uses one of them adds to it. */
  readonly slopes: {
    readonly embedding: Float64Array;
    readonly evidence: Float64Array;
    readonly precision: Float64Array;
  };
}

/** An encoder block of a tabular or embedding modality: perceptron to e_m, evidence head to l_m, precision if there is one. */
export interface ModalityEncoder {
  readonly block: BlockArrays;
  /** Loads the block's weights and encodes the rows of `input`. */
  encode(blocks: BlockValues, input: ModalityInput): EncodedRows;
  /** Carries the slopes of the last `encode` back through the layers. */
  backward(encoded: EncodedRows): void;
  /** Adds ‖gradient of the block‖² of each patient of the last `backward`. @param squares [B]. */
  addSquares(encoded: EncodedRows, squares: Float64Array): void;
  /** Sums the block's gradient up over these patients, each times its factor if given; ends the pass. @param factors [B]. */
  collect(encoded: EncodedRows, factors?: Float64Array): void;
}

export function modalityEncoder(id: ModalityId, layout: BlockLayout): ModalityEncoder {
  const block = blockArrays(layout);
  // The order of `modalityParameters` in blocks.ts: the encoder's layers, V_m and c_m, s_m if the fusion weighs evidence.
  const last = layout.tensors.at(-1) as TensorSpec;
  const precisionAt = last.name === 'precision' ? last.offset : undefined;
  const layers = precisionAt === undefined ? layout.tensors : layout.tensors.slice(0, -1);
  const body = denseLayers(layers.slice(0, -2));
  const head = denseLayers(layers.slice(-2));
  const embedder = perceptron(body);
  const judge = perceptron(head);
  const width = head[0]?.inputs ?? 0;
  const outputs = head[0]?.outputs ?? 0;
  let embeddingSlope = new Float64Array(0);
  let evidenceSlope = new Float64Array(0);
  let precisionSlope = new Float64Array(0);

  return {
    block,

    encode(blocks, { positions, values }) {
      loadBlock(block, blocks);
      const rows = positions.length;
      embedder.input(rows).set(values);
      const embedding = embedder.forward(block.weights, rows);
      const judged = judge.input(rows);
      for (let at = 0; at < rows * width; at++) judged[at] = embedding[at] as number;
      const evidence = judge.forward(block.weights, rows);
      if (evidenceSlope.length < rows * outputs) {
        embeddingSlope = new Float64Array(rows * width);
        evidenceSlope = new Float64Array(rows * outputs);
        precisionSlope = new Float64Array(rows);
      } else {
        embeddingSlope.fill(0, 0, rows * width);
        evidenceSlope.fill(0, 0, rows * outputs);
        precisionSlope.fill(0, 0, rows);
      }
      return {
        id,
        positions,
        embedding,
        evidence,
        precision: precisionAt === undefined ? 1 : softplus(block.weights[precisionAt] as number),
        slopes: { embedding: embeddingSlope, evidence: evidenceSlope, precision: precisionSlope },
      };
    },

    backward({ positions, slopes }) {
      const rows = positions.length;
      const { weights } = block;
      judge.backward(weights, slopes.evidence, rows, slopes.embedding);
      embedder.backward(weights, slopes.embedding, rows);
      if (precisionAt === undefined) return;
      const bend = sigmoid(weights[precisionAt] as number);
      for (let p = 0; p < rows; p++) slopes.precision[p] = bend * (slopes.precision[p] as number);
    },

    addSquares({ positions, slopes }, squares) {
      judge.addSquares(squares, positions);
      embedder.addSquares(squares, positions);
      if (precisionAt === undefined) return;
      positions.forEach((patient, p) => {
        squares[patient] = (squares[patient] as number) + (slopes.precision[p] as number) ** 2;
      });
    },

    collect({ positions, slopes }, factors) {
      const own =
        factors === undefined ? undefined : Float64Array.from(positions, (i) => factors[i] as number);
      judge.collect(block.gradient, own);
      embedder.collect(block.gradient, own);
      if (precisionAt === undefined) return;
      const size = { rows: positions.length, width: 1, k: 0 };
      block.gradient[precisionAt] = sumOfRows(slopes.precision, size, own);
    },
  };
}

/** log(1 + eˣ), for any x; its derivative is `sigmoid`. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
