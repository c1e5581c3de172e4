import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import { type Draws, seededRandom } from '../../shared/core/random.ts';
import type { ModalityInput } from '../../shared/model/network-port.ts';
import type { Modality, Study } from '../../shared/study/study.ts';
import { augmentSignal } from '../data/signals/augment-signal.ts';
import { augmentImage } from './augment-image.ts';
import type { Batch } from './batch.ts';

/** Which step of which site. */
export interface StepOf {
  readonly site: SiteId;
  readonly round: number;
  readonly step: number;
}

/** From where each modality's variants are drawn. */
export type DrawsOf = (modality: ModalityId) => Draws;

/** The step and the study's seed determine every draw; no modality's draws change where another is switched on or off. */
export function stepDraws({ seed }: Study, { site, round, step }: StepOf): DrawsOf {
  return (modality) => seededRandom(seed, site, round, step, modality, 'augment');
}

/**
 * The batch with a fresh variant of every image and recording whose modality asks for it (`modality.augment`). For
 * training only. @returns the batch itself where nothing is asked for.
 */
export function augmentBatch(batch: Batch, study: Study, drawsOf: DrawsOf): Batch {
  const changed = new Map<ModalityId, ModalityInput>();
  for (const modality of study.modalities) {
    const input = batch.network.inputs.get(modality.id);
    const variant = input === undefined ? undefined : variantOf(modality);
    if (input === undefined || variant === undefined) continue;
    changed.set(modality.id, { ...input, values: rowByRow(input, variant, drawsOf(modality.id)) });
  }
  if (changed.size === 0) return batch;
  const { size, inputs } = batch.network;
  // Replaced in place, because the order of the modalities is the order of the network's sums.
  const all = new Map([...inputs].map(([id, input]) => [id, changed.get(id) ?? input]));
  return { ...batch, network: { size, inputs: all } };
}

/** A new row from a row. */
type Variant = (row: Float32Array, random: Draws) => Float32Array;

/** Undefined where nothing is asked for. */
function variantOf(modality: Modality): Variant | undefined {
  if (modality.kind === 'image') {
    const { flip, shift, rotate, brightness, noise } = modality.augment;
    if (!flip && shift === 0 && rotate === 0 && brightness === 0 && noise === 0) return undefined;
    return (row, random) => augmentImage(row, modality.augment, { shape: modality, random });
  }
  if (modality.kind === 'signal') {
    const { shift, scale, noise, leadDropout } = modality.augment;
    if (shift === 0 && scale === 0 && noise === 0 && leadDropout === 0) return undefined;
    return (row, random) => augmentSignal(row, modality.augment, { shape: modality, random });
  }
  return undefined;
}

function rowByRow({ positions, values }: ModalityInput, variant: Variant, random: Draws): Float32Array {
  const width = values.length / positions.length;
  const augmented = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += width) {
    augmented.set(variant(values.subarray(at, at + width) as Float32Array, random), at);
  }
  return augmented;
}
