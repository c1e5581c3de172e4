import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePool } from '../../../../client/data/media/decode-pool.ts';
import { readSite } from '../../../../client/data/read-site.ts';
import { inMemory } from '../../../../client/data/rows.ts';
import { readSiteFile } from '../../../../client/data/site-file.ts';
import { modalityId } from '../../../../shared/core/ids.ts';
import { sha256 } from '../../../../shared/crypto/hash.ts';
import { type AssetReader, folderAssets } from '../../../../shared/study/assets.ts';
import { parseStudy } from '../../../../shared/study/parse.ts';
import { lookUpModel, tokenizerFile } from '../../../helpers/text-model-files.ts';
import { folderWith, refusal } from '../site-folder.ts';

// A package that is no dependency: its name in a variable keeps the compiler from looking for it.
const LIBRARY = 'onnxruntime-node';
const hasRuntime = await import(LIBRARY).then(
  () => true,
  () => false,
);
/** In the name of what is skipped, so that the reason is printed. */
const NEED = hasRuntime ? '' : `, not tested here: ${LIBRARY} is not installed`;

const TOKENIZER = tokenizerFile(['heart', 'rate', 'fast']);
/** Vectors of the ids 0 to 6: [PAD], [UNK], [CLS], [SEP], heart, rate, fast. */
const MODEL = lookUpModel([
  [0, 0],
  [9, 9],
  [2, 0],
  [4, 0],
  [10, 1],
  [20, 2],
  [Number.POSITIVE_INFINITY, 3],
]);

const NOTE = modalityId('note');

const study = (options: { model?: Uint8Array; pooling?: string; width?: number } = {}) =>
  parseStudy(
    `
study: frozen
task: { kind: binary, label: ill }
modalities:
  note:
    kind: embedding
    width: ${options.width ?? 2}
    frozen:
      model: { file: model.onnx, sha256: ${sha256(options.model ?? MODEL)} }
      tokenizer: { file: tokenizer.json, sha256: ${sha256(TOKENIZER)} }
      tokens: 4
      pooling: ${options.pooling ?? 'mean'}
merge: { minPatients: 1 }
evaluation: { split: { test: 0, validation: 0 } }
`,
    'frozen.yaml',
  );

const SITE = `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    note: { file: notes.csv, id: pid, text: said }
`;

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'patients.csv': 'pid,ill\na,1\nb,0\nc,1\n',
  'notes.csv': 'pid,said\na,heart\na,heart rate heart heart\nb, \nc,fast\n',
  'model.onnx': MODEL,
  'tokenizer.json': TOKENIZER,
};

const pool = decodePool({ threads: 1 });
afterAll(() => pool.close());

let folder = folderWith({});
beforeAll(() => {
  folder = folderWith(FILES);
});
afterAll(() => folder.remove());

async function read(options: Parameters<typeof study>[0] & { assets?: AssetReader; cache?: string } = {}) {
  const own = study(options);
  const site = readSiteFile(SITE, 'north.site.yaml', own);
  const media = {
    cacheDir: `${folder.path}/${options.cache ?? 'cache'}`,
    pool,
    assets: options.assets ?? folderAssets(folder.path),
  };
  const { cohort, intake } = await readSite(own, site, { dataDir: folder.path, media });
  const held = cohort.modalities.get(NOTE);
  return { row: [...(held?.row ?? [])], values: held === undefined ? [] : [...inMemory(held)], intake };
}

describe.skipIf(!hasRuntime)(`notes as vectors of a frozen encoder${NEED}`, () => {
  it('are the mean over their tokens, marks among them, and over the notes of a patient', async () => {
    const { row, values, intake } = await read();
    // [CLS] heart [SEP]: (2 + 10 + 4) / 3 = 16/3 and 1/3. [CLS] heart rate [SEP], the first 4 tokens of 6:
    // (2 + 10 + 20 + 4) / 4 = 9 and 3/4. Their mean: (16/3 + 9) / 2 = 43/6 and (1/3 + 3/4) / 2 = 13/24.
    expect(values).toEqual([expect.closeTo(43 / 6, 5), expect.closeTo(13 / 24, 5)]);
    expect(row).toEqual([0, -1, -1]);
    expect(intake.leftOut).toEqual([
      { subject: NOTE, count: 1, problem: expect.stringContaining('no finite vector') },
    ]);
  });

  it('are the vector of the first token where the study says so', async () => {
    // [CLS], also of the note of c, whose infinite token is another.
    expect(await read({ pooling: 'first' })).toMatchObject({ row: [0, -1, 1], values: [2, 0, 2, 0] });
  });

  it('are taken from the cache, without the model, the next time', async () => {
    const finite = { ...FILES, 'notes.csv': 'pid,said\na,rate\n' };
    const own = folderWith(finite);
    try {
      const site = readSiteFile(SITE, 'north.site.yaml', study());
      const media = { cacheDir: `${own.path}/cache`, pool };
      const first = await readSite(study(), site, {
        dataDir: own.path,
        media: { ...media, assets: folderAssets(own.path) },
      });
      // Without `assets` every file of the study is refused.
      const second = await readSite(study(), site, { dataDir: own.path, media });
      expect(second.cohort.modalities).toEqual(first.cohort.modalities);
    } finally {
      own.remove();
    }
  });

  it('are refused from a model of another width, other inputs, or no model at all', async () => {
    const wide = await refusal(() => read({ width: 3, cache: 'wide' }));
    expect(wide.code).toBe('ASSET_INVALID');
    expect(wide.message).toContain('model.onnx: expected vectors of 3 numbers');
    for (const model of [lookUpModel([[1, 1]], ['pixel_values']), Buffer.from('no model')]) {
      const assets: AssetReader = async ({ file }) => (file === 'model.onnx' ? model : TOKENIZER);
      const error = await refusal(() => read({ model, assets, cache: 'other' }));
      expect(error.code).toBe('ASSET_INVALID');
      expect(error.message).toContain('model.onnx: expected');
    }
  });

  it('are refused where the file is not the one that the study names', async () => {
    const error = await refusal(() => read({ model: Buffer.from('another'), cache: 'another' }));
    expect(error.code).toBe('ASSET_MISMATCH');
  });
});

describe.skipIf(hasRuntime)('a frozen encoder without ONNX Runtime', () => {
  it('says what to install', async () => {
    const error = await refusal(() => read());
    expect(error.code).toBe('BACKEND_UNAVAILABLE');
    expect(error.message).toContain('model.onnx: expected ONNX Runtime');
    expect(error.hint).toContain('npm install --no-save --ignore-scripts onnxruntime-node@');
  });
});

describe('a site file for a frozen encoder', () => {
  it('names notes, not columns of a vector', async () => {
    const columns = SITE.replace('file: notes.csv, id: pid, text: said', 'columns: [v1, v2]');
    const error = await refusal(() => readSiteFile(columns, 'north.site.yaml', study()));
    expect(error.message).toContain(
      'expected no such key for a modality of kind embedding, whose vectors the study makes of notes',
    );
    expect(error.message).toContain('expected one of files, path or text for a modality of kind embedding');
  });
});
