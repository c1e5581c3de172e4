import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { writeBundle } from '../../../shared/model/bundle-file.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import { decodeSafetensors } from '../../../shared/tensor/safetensors.ts';
import { modelExport } from '../../../simulations/cli/model-export.ts';
import { bundleOf } from '../../model/bundle-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'model-export-'));
const bundle = join(folder, 'model.bundle');
const io: CommandIo = {
  progress() {},
  note() {},
  warn() {},
  signal: new AbortController().signal,
  isTerminal: false,
};

beforeAll(() => writeBundle(bundle, bundleOf()));
afterAll(() => rmSync(folder, { recursive: true }));

describe('modelExport', () => {
  it('writes an encoder, and the lines with which a study names it', () => {
    const file = join(folder, 'fundus.safetensors');
    const { text, data } = modelExport({ bundle, file, modality: 'fundus' }, io);
    const bytes = readFileSync(file);
    expect(data).toEqual({ modality: 'fundus', file, sha256: sha256(bytes) });
    expect([...decodeSafetensors(bytes, file).keys()].slice(0, 2)).toEqual([
      'stage-0/first/kernel',
      'stage-0/first/scale',
    ]);
    const model = text.split('\n').at(-1);
    const image = 'kind: image, height: 9, width: 8, channels: 1, filters: [4, 8]';
    const study = parseStudy(
      `study: s\ntask: {kind: binary, label: y}\nmodalities: {fundus: {${image}}}\n${model}\n`,
      's',
    );
    expect([...(study.model.pretrained ?? [])]).toEqual([
      ['encoder:fundus', { file: 'fundus.safetensors', sha256: sha256(bytes) }],
    ]);
  });

  it('replaces no file, and asks which encoder is meant', () => {
    const file = join(folder, 'labs.safetensors');
    modelExport({ bundle, file, modality: 'labs' }, io);
    const before = readFileSync(file);
    expect(() => modelExport({ bundle, file, modality: 'note' }, io)).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        message: expect.stringContaining('expected no such file, got a file of that name'),
      }),
    );
    expect(readFileSync(file)).toEqual(before);
    expect(() => modelExport({ bundle, file: join(folder, 'x'), modality: undefined }, io)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', hint: expect.stringContaining('--modality') }),
    );
    expect(() => modelExport({ bundle, file: join(folder, 'no', 'x'), modality: 'labs' }, io)).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
  });
});
