import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import { writeBundle } from '../../../shared/model/bundle-file.ts';
import { modelPredict, modelShow } from '../../../simulations/cli/model.ts';
import { bundleOf } from '../../model/bundle-fixture.ts';
import { MODALITIES } from '../../model/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'model-'));
const bundle = join(folder, 'model.bundle');
const warnings: string[] = [];
const io: CommandIo = {
  progress() {},
  note() {},
  warn: (line) => warnings.push(line),
  signal: new AbortController().signal,
  isTerminal: false,
};

beforeAll(() => writeBundle(bundle, bundleOf()));
afterAll(() => rmSync(folder, { recursive: true }));

function patientsFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Row {
  readonly patient: string;
  readonly scores: Readonly<Record<string, number>>;
  readonly used: readonly string[];
}

async function rowsOf(inputFile: string): Promise<readonly Row[]> {
  const result = await modelPredict({ bundle, inputFile, backend: 'wasm' }, io);
  return result.data as readonly Row[];
}

describe('modelShow', () => {
  it('says what the model reads, how well it does, and what it is not for', () => {
    const { text, data } = modelShow({ bundle: folder }, io);
    expect(text).toContain('reads       fundus, labs, note, vector (any of them)');
    expect(text).toContain('judged from labs (20 test patients)\n  auroc  0.800');
    expect(text).toContain('limit       not a medical device');
    expect(data).toMatchObject({ study: 'test', card: { round: 3 } });
  });
});

describe('modelPredict', () => {
  it('reads a table, and predicts from what each row has', async () => {
    const csv = patientsFile(
      'patients.csv',
      'id,chol,age,cp,note\n007,200,60,b,\n008,,,,chest pain at night\n009,190,,,denies pain\n',
    );
    const rows = await rowsOf(csv);
    expect(rows.map(({ patient, used }) => [patient, used])).toEqual([
      ['007', ['labs']],
      ['008', ['note']],
      ['009', ['labs', 'note']],
    ]);
    for (const { scores } of rows) expect(scores['P(y)']).toBeGreaterThan(0);
    expect(warnings.at(-1)).toMatch(/counted as missing: fundus, vector/);
  });

  it('reads nested JSON, with lists of numbers, and agrees with the table', async () => {
    const [first] = await rowsOf(join(folder, 'patients.csv'));
    const json = patientsFile(
      'patients.json',
      JSON.stringify([
        { id: 'a', labs: { chol: 200, age: 60, cp: 'b' } },
        {
          id: 'b',
          vector: [1, 2, 3, 4, 5],
          fundus: Array.from({ length: 9 }, () => [1, 2, 3, 4, 5, 6, 7, 8]),
        },
      ]),
    );
    const rows = await rowsOf(json);
    expect(rows[0]?.scores).toEqual(first?.scores);
    expect(rows[1]?.used).toEqual(['fundus', 'vector']);
    const lines = patientsFile(
      'patients.ndjson',
      '{"labs": {"chol": 200, "age": 60, "cp": "b"}}\n\n{"note": "pain"}\n',
    );
    expect((await rowsOf(lines)).map((row) => row.patient)).toEqual(['1', '2']);
  });

  it('names the row of a patient that has nothing', async () => {
    const csv = patientsFile('empty.csv', 'chol,age,cp\n200,60,b\n,,\n');
    await expect(rowsOf(csv)).rejects.toMatchObject({
      code: 'EMPTY_PATTERN',
      message: expect.stringMatching(/^patient file .*empty\.csv: patient 2: /),
    });
  });

  it('speaks of the patient file, and of no site, where it cannot be read as a table', async () => {
    const torn = patientsFile('torn.csv', 'chol,age,cp\n1,2,3,4\n"');
    const message = expect.stringMatching(/^patient file .*torn\.csv: (?!.*\bsite\b)/);
    await expect(rowsOf(torn)).rejects.toMatchObject({ code: 'DATA_INVALID', message });
    await expect(rowsOf(join(folder, 'no', 'folder.csv'))).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/^patient file .*folder\.csv: .*nothing of that name$/),
      hint: 'Check the path of --input.',
    });
    const lines = patientsFile('torn.ndjson', '{"note": "pain"}\n\n{');
    await expect(rowsOf(lines)).rejects.toThrow(/^patient file .*torn\.ndjson:3: expected JSON/);
  });

  it('refuses a level that the study does not have, a word in place of a number, and what is no JSON', async () => {
    const csv = patientsFile('wrong.csv', 'chol,age,cp\nhigh,60,z\n');
    await expect(rowsOf(csv)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(
        /^patient file .*wrong\.csv: 2 faults\n {2}labs\.chol: 1 cell without a number\n/,
      ),
    });
    const json = patientsFile('wrong.json', '[{');
    await expect(rowsOf(json)).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(rowsOf(join(folder, 'absent.json'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(MODALITIES.labs.features[2]?.levels).not.toContain('z');
  });
});
