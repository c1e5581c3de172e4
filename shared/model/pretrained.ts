import { ConsiliumError } from '../core/errors.ts';
import type { AssetReader } from '../study/assets.ts';
import { type Block, tensorValues } from '../tensor/block.ts';
import { decodeSafetensors, type NamedTensor } from '../tensor/safetensors.ts';
import { initialBlocks, type ModelStudy } from './blocks.ts';

/**
 * The tensors of an encoder's block that speak of one study's embedding and task. A file may lack them; they then start
 * as without it. All others are the encoder's own and must be there.
 */
const OPTIONAL = /^(embedding|evidence)\/|^precision$/;

/** Tensors named in a message, at most. */
const MOST_SHOWN = 5;

/**
 * The blocks before the first round: {@link initialBlocks}, with the weights of the study's `model.pretrained` in place
 * of the drawn ones. Files for encoders that the study lacks (as in a part of it) are not read.
 * @throws ConsiliumError `FILE_UNREADABLE` or `ASSET_MISMATCH` of the reader; `WEIGHTS_INVALID` for a file that is
 * broken or does not fit.
 */
export async function startBlocks(study: ModelStudy, assets: AssetReader): Promise<Block[]> {
  const blocks: Block[] = [];
  for (const block of initialBlocks(study)) {
    const asset = study.model.pretrained?.get(block.layout.id);
    if (asset === undefined) blocks.push(block);
    else blocks.push(pretrainedBlock(block, decodeSafetensors(await assets(asset), asset.file), asset.file));
  }
  return blocks;
}

/**
 * The block with the tensors of the same names. A file that has a tensor the block lacks is refused, like one of another
 * shape: of a deeper encoder a part would be used, and nobody would see it.
 * @param file for messages only. @throws ConsiliumError `WEIGHTS_INVALID`.
 */
export function pretrainedBlock(
  block: Block,
  tensors: ReadonlyMap<string, NamedTensor>,
  file: string,
): Block {
  const faults = faultsOf(block, tensors);
  if (faults.length > 0) {
    const more = faults.length > MOST_SHOWN ? `; and ${faults.length - MOST_SHOWN} more` : '';
    throw new ConsiliumError(
      'WEIGHTS_INVALID',
      `${file}, weights of ${block.layout.id}: ${faults.slice(0, MOST_SHOWN).join('; ')}${more}`,
      {
        hint: 'Use weights of an encoder with the same settings (size of the input, filters, depth, hidden, embedding), or give the modality the settings of the file.',
      },
    );
  }
  const seeded: Block = { layout: block.layout, values: block.values.slice() };
  for (const spec of block.layout.tensors) {
    const found = tensors.get(spec.name);
    if (found !== undefined) tensorValues(seeded, spec).set(found.values);
  }
  return seeded;
}

function faultsOf({ layout }: Block, tensors: ReadonlyMap<string, NamedTensor>): string[] {
  const faults: string[] = [];
  for (const { name, shape } of layout.tensors) {
    const found = tensors.get(name);
    if (found === undefined && OPTIONAL.test(name)) continue;
    if (found !== undefined && String(found.shape) === String(shape)) continue;
    const got = found === undefined ? 'no tensor of that name' : words(found.shape);
    faults.push(`${name}: expected shape ${words(shape)}, got ${got}`);
  }
  for (const name of tensors.keys()) {
    if (layout.tensors.some((spec) => spec.name === name)) continue;
    faults.push(`${JSON.stringify(name.slice(0, 80))}: expected a tensor of the block, got another`);
  }
  if (tensors.size === 0) faults.push('expected a tensor of the block, got none');
  return faults;
}

function words(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
