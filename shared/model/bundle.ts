import { bytesOf } from '../core/bytes.ts';
import { ConsiliumError } from '../core/errors.ts';
import { type ContentHash, JOINT_BLOCK, type ModalityId, modalityOf } from '../core/ids.ts';
import { plural } from '../core/plural.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Block } from '../tensor/block.ts';
import { type ModelStudy, studyLayouts } from './blocks.ts';
import type { BundleCard } from './bundle-schema.ts';
import { scaledWidth } from './inputs.ts';
import type { Normalization } from './normalization.ts';

/** A published model: everything that a prediction needs, and what its reader must know. No patient, no site's bias. */
export interface Bundle {
  readonly study: ModelStudy;
  /** Of the whole study, settings of training included. */
  readonly studyHash: ContentHash;
  /** The study file as written. */
  readonly studySource: string;
  readonly normalization: Normalization;
  /** `joint` and `encoder:<m>` of at least one modality; a modality that stayed at its site is not among them. */
  readonly blocks: readonly Block[];
  readonly card: BundleCard;
}

/** Of a block's values as little-endian float32. */
export function blockHash(block: Block): ContentHash {
  return sha256(bytesOf(block.values));
}

/** Names the weights as a whole: SHA-256 over `<block> <hash>\n` in order of block id, as the coordinator's. */
export function bundleModelHash(blocks: readonly Block[]): ContentHash {
  return sha256(
    blocks
      .map((block) => `${block.layout.id} ${blockHash(block)}\n`)
      .sort()
      .join(''),
  );
}

/** The modalities that the bundle can read, in the study's order. */
export function bundleModalities(bundle: Bundle): readonly ModalityId[] {
  const published = new Set(bundle.blocks.map((block) => modalityOf(block.layout.id)));
  return bundle.study.modalities.map((modality) => modality.id).filter((id) => published.has(id));
}

/**
 * Holds the parts of a bundle against one another: before it is written, and after it was read.
 * @throws ConsiliumError `BUNDLE_INVALID` for a block that is missing, foreign, of another layout or not finite, and
 * for a modality without its normalization.
 */
export function checkBundle(bundle: Bundle): void {
  const layouts = studyLayouts(bundle.study);
  const ids = bundle.blocks.map((block) => block.layout.id);
  if (new Set(ids).size !== ids.length) throw invalid('expected each block once, got one twice');
  if (!ids.includes(JOINT_BLOCK)) throw invalid('expected the block joint, got none');
  if (bundleModalities(bundle).length === 0) throw invalid('expected the encoder of a modality, got none');
  for (const { layout, values } of bundle.blocks) {
    const expected = layouts.get(layout.id);
    if (expected === undefined || (layout.id !== JOINT_BLOCK && modalityOf(layout.id) === undefined)) {
      throw invalid(`expected blocks of the study that sites share, got ${layout.id}`);
    }
    if (JSON.stringify(layout) !== JSON.stringify(expected) || values.length !== expected.size) {
      throw invalid(`block ${layout.id}: expected the tensors that the study gives it, got others`);
    }
    if (!values.every(Number.isFinite))
      throw invalid(`block ${layout.id}: expected finite weights, got others`);
  }
  checkNormalization(bundle);
}

function checkNormalization({ study, normalization, blocks }: Bundle): void {
  for (const modality of study.modalities) {
    const width = scaledWidth(modality);
    if (width === undefined || !blocks.some((block) => modalityOf(block.layout.id) === modality.id)) continue;
    const scale = normalization.features.get(modality.id);
    const isSound = scale?.mean.length === width && scale.deviation.length === width;
    if (
      !isSound ||
      !scale.mean.every(Number.isFinite) ||
      !scale.deviation.every((deviation) => deviation > 0)
    ) {
      throw invalid(
        `normalization of ${modality.id}: expected ${plural(width, 'mean')} and as many positive deviations, got others`,
      );
    }
  }
  const { target } = normalization;
  if (study.task.kind === 'regression' && !(target !== undefined && target.deviation > 0)) {
    throw invalid('normalization: expected the mean and deviation of the target, got none');
  }
}

function invalid(message: string): ConsiliumError {
  return new ConsiliumError('BUNDLE_INVALID', `bundle: ${message}`);
}
