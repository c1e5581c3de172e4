import { ConsiliumError } from '../../shared/core/errors.ts';
import {
  type BlockId,
  encoderBlock,
  JOINT_BLOCK,
  type ModalityId,
  SITE_BLOCK,
} from '../../shared/core/ids.ts';
import { outputsOf, studyLayouts } from '../../shared/model/blocks.ts';
import { divergenceAndGradient, lossAndGradient } from '../../shared/model/heads/loss-values.ts';
import type { ModelSpec, Study } from '../../shared/study/study.ts';
import type { BlockLayout } from '../../shared/tensor/block.ts';
import type { Labels } from '../data/cohort.ts';
import type { Batch } from './batch.ts';
import { clipFactors } from './clip-factors.ts';
import type { LocalModel, StepOptions } from './local-model.ts';
import { type BlockArrays, blockArrays, loadBlock, roundedGradient } from './plain/block-arrays.ts';
import { evidenceFusion } from './plain/evidence.ts';
import type { FusionShape, PlainFusion } from './plain/fusion.ts';
import { meanFusion } from './plain/mean.ts';
import { type EncodedRows, modalityEncoder } from './plain/modality-encoder.ts';
import { sumOfRows } from './plain/per-patient.ts';
import type { BlockValues } from './site-trainer.ts';

/** The fusions that have a plain implementation. */
export const PLAIN_FUSIONS: {
  readonly [Kind in ModelSpec['fusion']]?: (layout: BlockLayout, shape: FusionShape) => PlainFusion;
} = { evidence: evidenceFusion, mean: meanFusion };

/**
 * The model of a study of tabular and embedding modalities with fusion `evidence` or `mean`, in plain loops with the
 * backward pass written by hand: small layers spend their time on the tensor library's operations, not on arithmetic. Weights,
 * activations and gradients are held in double precision and rounded once on the way out, so it differs from
 * `tensor-model.ts` by that one's rounding. Its arrays are made for the largest batch seen and used again.
 * @throws ConsiliumError `BAD_ARGUMENT` where the study or `modalities` is not of that kind.
 */
export function plainModel(study: Study, modalities: readonly ModalityId[]): LocalModel {
  const held = study.modalities.filter(({ id }) => modalities.includes(id));
  const isPlain = held.every(({ kind }) => kind === 'tabular' || kind === 'embedding');
  const makeFusion = PLAIN_FUSIONS[study.model.fusion];
  if (!isPlain || held.length === 0 || held.length < modalities.length || makeFusion === undefined) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `plain model of ${study.id}: expected tabular or embedding modalities and fusion ` +
        `${Object.keys(PLAIN_FUSIONS).join(' or ')}, got ${modalities.join(', ')} and ${study.model.fusion}`,
    );
  }
  const { unimodalLoss, divergence } = study.training;
  const { task } = study;
  const outputs = outputsOf(task);
  const all = studyLayouts(study);
  const layouts = new Map<BlockId, BlockLayout>();
  const own = new Set<BlockId>([...held.map(({ id }) => encoderBlock(id)), JOINT_BLOCK, SITE_BLOCK]);
  for (const [id, layout] of all) if (own.has(id)) layouts.set(id, layout);

  const encoders = new Map(
    held.map(({ id }) => [id, modalityEncoder(id, layouts.get(encoderBlock(id)) as BlockLayout)]),
  );
  const joint = layouts.get(JOINT_BLOCK) as BlockLayout;
  const fusion = makeFusion(joint, { embedding: study.model.embedding, outputs });
  const siteLayout = layouts.get(SITE_BLOCK);
  const site = siteLayout === undefined ? undefined : blockArrays(siteLayout);
  /** [B, K]: dL/dl_S, or the logits of one modality alone. For batches of one size; replaced for another. */
  let slope = new Float64Array(0);
  let alone = new Float32Array(0);
  /** [B, K]: what each patient adds to the gradient of b_k. */
  let biasSlope = new Float64Array(0);

  /** Loads the weights that the batch can touch, and encodes its patients. */
  function encode(blocks: BlockValues, batch: Batch): EncodedRows[] {
    const encoded: EncodedRows[] = [];
    for (const [id, encoder] of encoders) {
      const input = batch.network.inputs.get(id);
      if (input !== undefined) encoded.push(encoder.encode(blocks, input));
    }
    fusion.load(blocks);
    if (site !== undefined) loadBlock(site, blocks);
    return encoded;
  }

  /** l_S + b_k in single precision: [B, K]. */
  function withBias(fused: Float64Array, size: number): Float32Array {
    const logits = new Float32Array(size * outputs);
    for (let at = 0; at < logits.length; ) {
      for (let k = 0; k < outputs; k++, at++) logits[at] = (fused[at] as number) + (site?.weights[k] ?? 0);
    }
    return logits;
  }

  /** Adds what comes from `logits`' gradient [B, K] to that of the bias, patient by patient. */
  function addBiasSlope(gradient: Float32Array | Float64Array, factor: number): void {
    for (let at = 0; at < gradient.length; at++) {
      biasSlope[at] = (biasSlope[at] as number) + factor * (gradient[at] as number);
    }
  }

  /** λ_u times each modality's own evidence judged alone, averaged within a patient over what the patient has. */
  function addUnimodal(
    encoded: readonly EncodedRows[],
    batch: Batch,
    labels: Labels,
    patientWeights: Float32Array | undefined,
  ): number {
    const { size } = batch.network;
    const counts = new Float32Array(size);
    for (const mask of batch.available.values()) {
      for (let i = 0; i < size; i++) counts[i] = (counts[i] as number) + (mask[i] as number);
    }
    const share = new Float32Array(size);
    let total = 0;
    for (const { positions, evidence, slopes } of encoded) {
      share.fill(0);
      // The logits of patients without the modality have weight 0, so it matters only that they are finite.
      alone.fill(0);
      for (let p = 0; p < positions.length; p++) {
        const patient = positions[p] as number;
        share[patient] = (patientWeights?.[patient] ?? 1) / (counts[patient] as number);
        for (let k = 0; k < outputs; k++) {
          alone[patient * outputs + k] = (evidence[p * outputs + k] as number) + (site?.weights[k] ?? 0);
        }
      }
      const { value, gradient } = lossAndGradient(task, alone, labels, share);
      total += value;
      addBiasSlope(gradient, unimodalLoss);
      for (let p = 0; p < positions.length; p++) {
        const from = (positions[p] as number) * outputs;
        for (let k = 0; k < outputs; k++) {
          const at = p * outputs + k;
          slopes.evidence[at] =
            (slopes.evidence[at] as number) + unimodalLoss * (gradient[from + k] as number);
        }
      }
    }
    return unimodalLoss * total;
  }

  /**
   * Forth and back, up to the slopes of every layer.
   * @param options.scale by which the batch's mean counts: 1, or B for a sum over the patients.
   */
  function slopes(
    blocks: BlockValues,
    batch: Batch,
    labels: Labels,
    { kept, patientWeights, scale }: StepOptions & { readonly scale: number },
  ): { readonly loss: number; readonly encoded: readonly EncodedRows[] } {
    const { size } = batch.network;
    if (slope.length !== size * outputs) {
      slope = new Float64Array(size * outputs);
      alone = new Float32Array(size * outputs);
      biasSlope = new Float64Array(size * outputs);
    } else biasSlope.fill(0);
    const encoded = encode(blocks, batch);
    // Before what is kept: the backward pass goes through the fusion's last call.
    const full = divergence > 0 ? withBias(fusion.fuse(encoded, batch.available, size), size) : undefined;
    const logits = withBias(fusion.fuse(encoded, kept, size), size);
    const fused = lossAndGradient(task, logits, labels, patientWeights);
    let loss = fused.value;
    slope.set(fused.gradient);
    if (full !== undefined) {
      const apart = divergenceAndGradient(task, full, logits, size);
      loss += divergence * scale * apart.value;
      for (let at = 0; at < slope.length; at++) {
        slope[at] = (slope[at] as number) + divergence * scale * (apart.gradient[at] as number);
      }
    }
    addBiasSlope(slope, 1);
    fusion.backward(slope);
    if (unimodalLoss > 0) loss += addUnimodal(encoded, batch, labels, patientWeights);
    for (const rows of encoded) encoders.get(rows.id)?.backward(rows);
    return { loss, encoded };
  }

  /** Sums the gradients of all blocks up over the patients. @param factors [B] by which each counts; undefined: all 1. */
  function collect(encoded: readonly EncodedRows[], size: number, factors?: Float64Array): BlockArrays[] {
    const touched: BlockArrays[] = [];
    for (const rows of encoded) {
      const encoder = encoders.get(rows.id);
      if (encoder === undefined) continue;
      encoder.collect(rows, factors);
      touched.push(encoder.block);
    }
    fusion.collect(factors);
    touched.push(fusion.block);
    if (site === undefined) return touched;
    for (let k = 0; k < outputs; k++) {
      site.gradient[k] = sumOfRows(biasSlope, { rows: size, width: outputs, k }, factors);
    }
    return [...touched, site];
  }

  /** ‖gradient‖² of each patient over all blocks: [B]. */
  function squaresOf(encoded: readonly EncodedRows[], size: number): Float64Array {
    const squares = new Float64Array(size);
    for (const rows of encoded) encoders.get(rows.id)?.addSquares(rows, squares);
    fusion.addSquares(squares);
    if (site === undefined) return squares;
    biasSlope.forEach((value, at) => {
      const patient = Math.floor(at / outputs);
      squares[patient] = (squares[patient] as number) + value ** 2;
    });
    return squares;
  }

  return {
    layouts,
    outputs,

    gradients(blocks, batch, labels, options) {
      const { loss, encoded } = slopes(blocks, batch, labels, { ...options, scale: 1 });
      const touched = collect(encoded, batch.network.size);
      return { loss, gradients: new Map(touched.map((block) => [block.layout.id, roundedGradient(block)])) };
    },

    clippedGradients(blocks, batch, labels, { kept, clip }) {
      const { size } = batch.network;
      const patientWeights = new Float32Array(size).fill(size);
      const { encoded } = slopes(blocks, batch, labels, { kept, patientWeights, scale: size });
      const { factors, dropped } = clipFactors(squaresOf(encoded, size), clip);
      const touched = collect(encoded, size, factors);
      return { sums: new Map(touched.map(({ layout, gradient }) => [layout.id, gradient])), dropped };
    },

    logits(blocks, batch, masks) {
      const encoded = encode(blocks, batch);
      return masks.map((set) => withBias(fusion.fuse(encoded, set, batch.network.size), batch.network.size));
    },
  };
}
