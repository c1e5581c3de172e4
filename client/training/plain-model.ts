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
import type { LocalModel } from './local-model.ts';
import { blockArrays, loadBlock, roundedGradient } from './plain/block-arrays.ts';
import { evidenceFusion } from './plain/evidence.ts';
import type { FusionShape, PlainFusion } from './plain/fusion.ts';
import { meanFusion } from './plain/mean.ts';
import { type EncodedRows, modalityEncoder } from './plain/modality-encoder.ts';
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

  /** Adds what comes from `logits`' gradient [B, K] to that of the bias. */
  function addBiasGradient(gradient: Float32Array | Float64Array, factor: number): void {
    if (site === undefined) return;
    for (let at = 0; at < gradient.length; ) {
      for (let k = 0; k < outputs; k++, at++) {
        site.gradient[k] = (site.gradient[k] as number) + factor * (gradient[at] as number);
      }
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
      addBiasGradient(gradient, unimodalLoss);
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

  return {
    layouts,
    outputs,

    gradients(blocks, batch, labels, { kept, patientWeights }) {
      const { size } = batch.network;
      if (slope.length !== size * outputs) {
        slope = new Float64Array(size * outputs);
        alone = new Float32Array(size * outputs);
      }
      const encoded = encode(blocks, batch);
      // Before what is kept: the backward pass goes through the fusion's last call.
      const full = divergence > 0 ? withBias(fusion.fuse(encoded, batch.available, size), size) : undefined;
      const logits = withBias(fusion.fuse(encoded, kept, size), size);
      const fused = lossAndGradient(task, logits, labels, patientWeights);
      let loss = fused.value;
      slope.set(fused.gradient);
      if (full !== undefined) {
        const apart = divergenceAndGradient(task, full, logits, size);
        loss += divergence * apart.value;
        for (let at = 0; at < slope.length; at++) {
          slope[at] = (slope[at] as number) + divergence * (apart.gradient[at] as number);
        }
      }
      addBiasGradient(slope, 1);
      fusion.backward(slope);
      if (unimodalLoss > 0) loss += addUnimodal(encoded, batch, labels, patientWeights);

      const gradients = new Map<BlockId, Float32Array>();
      for (const rows of encoded) {
        const encoder = encoders.get(rows.id);
        if (encoder === undefined) continue;
        encoder.backward(rows);
        gradients.set(encoder.block.layout.id, roundedGradient(encoder.block));
      }
      gradients.set(JOINT_BLOCK, roundedGradient(fusion.block));
      if (site !== undefined) gradients.set(SITE_BLOCK, roundedGradient(site));
      return { loss, gradients };
    },

    logits(blocks, batch, masks) {
      const encoded = encode(blocks, batch);
      return masks.map((set) => withBias(fusion.fuse(encoded, set, batch.network.size), batch.network.size));
    },
  };
}
