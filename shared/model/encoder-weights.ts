import { ConsiliumError } from '../core/errors.ts';
import { encoderBlock, type ModalityId } from '../core/ids.ts';
import { tensorValues } from '../tensor/block.ts';
import { encodeSafetensors } from '../tensor/safetensors.ts';
import { type Bundle, blockHash, bundleModalities } from './bundle.ts';

/** The evidence head and its precision answer the bundle's own task: of no use to another. */
const OF_THE_TASK = /^evidence\/|^precision$/;

/**
 * The encoder of one modality as a safetensors file, which `model.pretrained` of another study can name.
 * @param modality may be left out where the bundle has one.
 * @throws ConsiliumError `BAD_ARGUMENT` where it may not, or for one that the bundle does not have.
 */
export function encoderWeights(
  bundle: Bundle,
  modality?: string,
): { modality: ModalityId; bytes: Uint8Array } {
  const published = bundleModalities(bundle);
  const id =
    modality === undefined && published.length === 1 ? published[0] : published.find((m) => m === modality);
  const block = bundle.blocks.find(({ layout }) => id !== undefined && layout.id === encoderBlock(id));
  if (id === undefined || block === undefined) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `modality: expected one of ${published.join(', ')}, got ${modality === undefined ? 'none' : JSON.stringify(modality)}`,
      { hint: 'A file holds one encoder: name it with --modality.' },
    );
  }
  const own = block.layout.tensors.filter(({ name }) => !OF_THE_TASK.test(name));
  const tensors = new Map(
    own.map((spec) => [spec.name, { shape: spec.shape, values: tensorValues(block, spec) }] as const),
  );
  const metadata = {
    format: 'consilium-encoder 1',
    study: bundle.study.id,
    studyHash: bundle.studyHash,
    modality: id,
    blockHash: blockHash(block),
  };
  return { modality: id, bytes: encodeSafetensors(tensors, metadata) };
}
