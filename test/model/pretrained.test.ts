import { describe, expect, it } from 'vitest';
import { encoderBlock, modalityId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { encoderWeights } from '../../shared/model/encoder-weights.ts';
import { pretrainedBlock, startBlocks } from '../../shared/model/pretrained.ts';
import type { AssetReader } from '../../shared/study/assets.ts';
import { checkAsset } from '../../shared/study/assets.ts';
import type { Modality, Study } from '../../shared/study/study.ts';
import { type Block, tensorValues } from '../../shared/tensor/block.ts';
import { decodeSafetensors, type NamedTensor } from '../../shared/tensor/safetensors.ts';
import { bundleOf } from './bundle-fixture.ts';
import { MODALITIES, MULTICLASS, studyOf } from './fixtures.ts';

const { fundus, labs, vector } = MODALITIES;
const FUNDUS = encoderBlock(fundus.id);

function blockOf(study: Study, id = FUNDUS): Block {
  const block = initialBlocks(study).find(({ layout }) => layout.id === id);
  if (block === undefined) throw new Error(`no block ${id}`);
  return block;
}

function tensorsOf(block: Block): Map<string, NamedTensor> {
  return new Map(
    block.layout.tensors.map((spec) => [spec.name, { shape: spec.shape, values: tensorValues(block, spec) }]),
  );
}

/** The file of an encoder from a study with another seed, and how a study names it. */
function exported(modality: Modality) {
  const { bytes } = encoderWeights(bundleOf({ modalities: [modality], seed: 99 }));
  return { bytes, asset: { file: 'w.safetensors', sha256: sha256(bytes) } };
}

const reader =
  (bytes: Uint8Array): AssetReader =>
  async (asset) => {
    checkAsset(asset, bytes);
    return bytes;
  };

describe('startBlocks', () => {
  it('starts an encoder from the file, its heads and all else as without it', async () => {
    const { bytes, asset } = exported(fundus);
    const modalities = [{ ...fundus, id: modalityId('eye') }, labs];
    const plain = studyOf({ modalities, task: MULTICLASS });
    const eye = encoderBlock(modalityId('eye'));
    const study = studyOf({ modalities, task: MULTICLASS, model: { pretrained: new Map([[eye, asset]]) } });
    const blocks = await startBlocks(study, reader(bytes));
    const [before, seeded] = [blockOf(plain, eye), blocks[0] as Block];
    expect(blocks.slice(1)).toEqual(initialBlocks(plain).slice(1));
    const file = decodeSafetensors(bytes, 'w');
    expect([...file.keys()].filter((name) => /evidence|precision/.test(name))).toEqual([]);
    for (const spec of seeded.layout.tensors) {
      const expected = file.get(spec.name)?.values ?? tensorValues(before, spec);
      expect([spec.name, tensorValues(seeded, spec)]).toEqual([spec.name, expected]);
    }
    // Drawn from another seed, so that it can be told apart.
    expect(seeded.values).not.toEqual(before.values);
  });

  it('is initialBlocks where the study names no file, and reads none for an encoder that is not there', async () => {
    const untouched: AssetReader = () => expect.unreachable('no file is to be read');
    const plain = studyOf({ modalities: [labs] });
    expect(await startBlocks(plain, untouched)).toEqual(initialBlocks(plain));
    const pretrained = new Map([[FUNDUS, exported(fundus).asset]]);
    const restricted = studyOf({ modalities: [labs], model: { pretrained } });
    expect(await startBlocks(restricted, untouched)).toEqual(initialBlocks(plain));
  });

  it('refuses a file with another hash', async () => {
    const { bytes, asset } = exported(fundus);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    const study = studyOf({ modalities: [fundus], model: { pretrained: new Map([[FUNDUS, asset]]) } });
    await expect(startBlocks(study, reader(bytes))).rejects.toMatchObject({ code: 'ASSET_MISMATCH' });
  });

  it('says which tensor has another shape, and what to do', async () => {
    const { bytes, asset } = exported(fundus);
    const study = studyOf({
      modalities: [{ ...fundus, channels: 3 }],
      model: { pretrained: new Map([[FUNDUS, asset]]) },
    });
    await expect(startBlocks(study, reader(bytes))).rejects.toMatchObject({
      code: 'WEIGHTS_INVALID',
      message:
        'w.safetensors, weights of encoder:fundus: ' +
        'stage-0/first/kernel: expected shape [3, 3, 3, 4], got [3, 3, 1, 4]; ' +
        'stage-0/shortcut/kernel: expected shape [2, 2, 3, 4], got [2, 2, 1, 4]',
      hint: expect.stringContaining('give the modality the settings of the file'),
    });
  });
});

describe('pretrainedBlock', () => {
  const block = blockOf(studyOf({ modalities: [fundus] }));
  const other = tensorsOf(blockOf(studyOf({ modalities: [fundus], seed: 8 })));

  it('takes all tensors where the file has all, and leaves the block as it was', () => {
    const before = block.values.slice();
    const seeded = pretrainedBlock(block, other, 'w');
    expect(seeded.values).toEqual(blockOf(studyOf({ modalities: [fundus], seed: 8 })).values);
    expect(block.values).toEqual(before);
  });

  it('does without embedding, evidence and precision, and without nothing else', () => {
    for (const name of other.keys()) {
      const rest = new Map([...other].filter(([own]) => own !== name));
      if (/^(embedding|evidence)\/|^precision$/.test(name)) {
        const spec = block.layout.tensors.find((own) => own.name === name);
        if (spec === undefined) throw new Error(name);
        expect(tensorValues(pretrainedBlock(block, rest, 'w'), spec)).toEqual(tensorValues(block, spec));
      } else {
        expect(() => pretrainedBlock(block, rest, 'w')).toThrow(`${name}: expected shape [`);
      }
    }
  });

  it('refuses an optional tensor of another shape', () => {
    const wide = new Map([...other, ['precision', { shape: [2], values: new Float32Array(2) }] as const]);
    expect(() => pretrainedBlock(block, wide, 'w')).toThrow('precision: expected shape [1], got [2]');
  });

  it('refuses the tensors of a deeper encoder, and the file of a shallower one', () => {
    const deep = blockOf(studyOf({ modalities: [{ ...fundus, depth: 2 }] }));
    expect(() => pretrainedBlock(block, tensorsOf(deep), 'w')).toThrow(
      '"stage-0/block-1/first/kernel": expected a tensor of the block, got another',
    );
    expect(() => pretrainedBlock(deep, other, 'w')).toThrow(
      /stage-0\/block-1\/first\/kernel: expected shape \[3, 3, 4, 4\], got no tensor of that name.*; and \d+ more$/,
    );
  });

  it('refuses a file without a tensor, even for an encoder whose every tensor is optional', () => {
    const linear = blockOf(studyOf({ modalities: [vector] }), encoderBlock(vector.id));
    expect(() => pretrainedBlock(linear, new Map(), 'w')).toThrow('expected a tensor of the block, got none');
  });
});

describe('encoderWeights', () => {
  it('asks which encoder where there are several, and refuses one that is not there', () => {
    const bundle = bundleOf();
    expect(() => encoderWeights(bundle)).toThrow(/expected one of fundus, labs, note, vector, got none/);
    expect(() => encoderWeights(bundle, 'ct')).toThrow(/expected one of .*, got "ct"/);
    expect(encoderWeights(bundle, 'note').modality).toBe('note');
  });
});
