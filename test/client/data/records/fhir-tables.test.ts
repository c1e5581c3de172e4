import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readResources } from '../../../../client/data/records/fhir-resources.ts';
import { RECORD_LIMITS } from '../../../../client/data/records/record-source.ts';
import { realData } from '../../../helpers/real-data.ts';
import { folderWith, refusal } from '../site-folder.ts';
import { fhir, readRecords } from './record-tables.ts';

const samples = realData('format-samples/fhir');

const COLUMNS = {
  patient: 'subject.reference',
  time: 'effectiveDateTime | effectivePeriod.start',
  code: "code.coding.where(system='http://loinc.org').code.first()",
  value: 'valueQuantity.value',
  unit: 'valueQuantity.unit',
};
const BODY_WEIGHT = "code = '29463-7'";

const observation = (id: string, value: unknown = 1, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  subject: { reference: `Patient/${id}` },
  valueQuantity: { value, unit: 'kg' },
  ...more,
});
const bundle = (...resources: object[]) =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  });

describe.skipIf(samples === undefined)('the bundles of Synthea', () => {
  // Counted with Python's json module, which shares no code with this.
  it('hold 215 observations of 22 codes', async () => {
    const sql = 'select code, count(*) as n from t group by code order by n desc, code';
    const { rows, setAside } = await readRecords(
      samples as string,
      fhir(COLUMNS, { files: ['*.json.gz'] }),
      sql,
    );
    expect(rows).toHaveLength(22);
    expect(rows.slice(0, 6)).toEqual([
      ['29463-7', 20],
      ['55284-4', 20],
      ['72166-2', 20],
      ['72514-3', 20],
      ['8302-2', 20],
      ['39156-5', 16],
    ]);
    expect(rows.find(([code]) => code === '33914-3')).toEqual(['33914-3', 6]);
    expect(rows.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(215);
    expect(setAside).toEqual([]);
  });

  it("give each patient's last weight by the id of the patient", async () => {
    const sql = `select patient, max(time) as time, max_by(value, time) as weight, max_by(unit, time) as unit
      from t where ${BODY_WEIGHT} group by patient order by patient`;
    const { rows } = await readRecords(samples as string, fhir(COLUMNS, { files: ['*.json.gz'] }), sql);
    expect(rows).toEqual([
      ['1ae0605d-e5b8-4d6d-a96d-c93dcbd57e06', '2021-03-30T19:19:03+00:00', 6.604766687497366, 'kg'],
      ['4ef9f896-10bc-4479-acd6-1153e7318f14', '2018-04-08T23:58:38+00:00', 98.04120210894236, 'kg'],
      ['616eaeb2-a67a-44e5-a7e6-9bbd85e47c5c', '2019-03-20T20:15:35+00:00', 83.4980467412137, 'kg'],
      ['d78af07c-9cb9-4f31-9b11-c45a28f2eec8', '2018-09-17T15:29:24+00:00', 86.83489335670869, 'kg'],
      ['e4531916-b162-4f4b-90c2-ce37e132b8d4', '2019-12-18T13:55:57+00:00', 85.00274638024895, 'kg'],
      ['ee9f8dd8-72d2-4769-8020-89e504b1504b', '2018-08-17T20:37:06+00:00', 74.23527345209692, 'kg'],
    ]);
  });

  it('give the same rows as lines of NDJSON, packed or not', async () => {
    const lines = sampleNames()
      .flatMap((name): object[] =>
        sampleBundle(name).entry.map(({ resource }: { resource: object }) => resource),
      )
      .map((resource) => JSON.stringify(resource));
    const text = `${lines.join('\r\n')}\n`;
    const bundles = await readRecords(samples as string, fhir(COLUMNS, { files: ['*.json.gz'] }));
    const references = (rows: readonly (readonly unknown[])[]) =>
      rows.map((row) => JSON.stringify(row)).sort();
    for (const files of [{ 'all.ndjson': text }, { 'all.ndjson.gz': gzipSync(text) }]) {
      const read = await readRecords(files, fhir(COLUMNS, { files: ['all.*'] }));
      expect(references(read.rows)).toEqual(references(bundles.rows));
      expect(read.setAside).toEqual([]);
    }
  });

  it('give patients, conditions and encounters', async () => {
    const read = (resource: string, columns: Readonly<Record<string, string>>) =>
      readRecords(samples as string, fhir(columns, { files: ['*.json.gz'], resource }));
    const patients = await read('Patient', { id: 'id', sex: 'gender', born: 'birthDate' });
    expect(patients.rows).toHaveLength(6);
    expect(patients.rows).toContainEqual(['ee9f8dd8-72d2-4769-8020-89e504b1504b', 'female', '1986-11-28']);
    expect((await read('Condition', { patient: 'subject.reference' })).rows).toHaveLength(12);
    expect((await read('Encounter', { start: 'period.start' })).rows).toHaveLength(32);
  });

  it('keep only what `where` is true for', async () => {
    const where = "status = 'final' and code.coding.exists(code = '29463-7')";
    const { rows } = await readRecords(samples as string, fhir(COLUMNS, { files: ['*.json.gz'], where }));
    expect(rows).toHaveLength(20);
  });

  it('are set aside when cut short, packed or not, and leave no row', async () => {
    const names = sampleNames();
    expect(names).toHaveLength(7);
    const files = Object.fromEntries(
      names.flatMap((name, i) => {
        const packed = readFileSync(join(samples as string, name));
        const plain = gunzipSync(packed);
        return [
          [`cut-${i}.json.gz`, packed.subarray(0, Math.floor(packed.length * 0.9))],
          [`cut-${i}.json`, plain.subarray(0, Math.floor(plain.length * 0.9))],
          [`byte-${i}.json`, plain.toString().trimEnd().slice(0, -1)],
        ] as const;
      }),
    );
    const { rows, setAside } = await readRecords(files, fhir(COLUMNS, { files: ['*.json', '*.json.gz'] }));
    expect(rows).toEqual([]);
    expect(setAside).toHaveLength(21);
    expect(new Set(setAside.map(({ reason }) => reason))).toEqual(new Set(['truncated']));
  });
});

describe('FHIR', () => {
  it('reduces references of every kind to the id', async () => {
    const references = [
      'Patient/a',
      'https://host/fhir/Patient/a/_history/3',
      'urn:uuid:5a1c',
      'Patient?identifier=7|a',
      '#contained',
    ];
    const resources = references.map((reference, i) => observation(`o${i}`, i, { subject: { reference } }));
    const { rows } = await readRecords({ 'a.json': bundle(...resources) }, fhir({ p: 'subject.reference' }));
    expect(rows.flat()).toEqual(['a', 'a', '5a1c', 'Patient?identifier=7|a', '#contained']);
  });

  it('follows a reference to the URL under which the bundle lists a patient of another id', async () => {
    const text = JSON.stringify({
      resourceType: 'Bundle',
      entry: [
        { fullUrl: 'urn:uuid:5a1c', resource: { resourceType: 'Patient', id: 'p7' } },
        { resource: observation('o', 1, { subject: { reference: 'urn:uuid:5a1c' } }) },
        { fullUrl: 'urn:uuid:77', resource: { resourceType: 'Observation' } },
        { response: { status: '201' } },
      ],
    });
    const { rows } = await readRecords({ 'a.json': text }, fhir({ id: 'id', p: 'subject.reference' }));
    expect(rows).toEqual([
      ['o', 'p7'],
      ['77', null],
    ]);
  });

  it('takes numbers for numbers and leaves ids text', async () => {
    const resources = [observation('007', 2.5), observation('008', 1e-7)];
    const { table, rows } = await readRecords(
      { 'a.json': bundle(...resources) },
      fhir({ patient: 'subject.reference', value: 'valueQuantity.value', final: "status = 'final'" }),
    );
    expect(rows).toEqual([
      ['007', 2.5, 'true'],
      ['008', 1e-7, 'true'],
    ]);
    expect(table.columns.get('value')?.kind).toBe('number');
  });

  it('uses the first of several values, leaves out what has parts, and counts both', async () => {
    const code = { coding: [{ code: 'a' }, { code: 'b' }] };
    const read = await readRecords(
      { 'a.json': bundle(observation('1', 1, { code }), observation('2', 2)) },
      fhir({ code: 'code.coding.code', quantity: 'valueQuantity', one: 'code.coding.single().code' }),
    );
    expect(read.rows).toEqual([
      ['a', null, null],
      [null, null, null],
    ]);
    expect(read.leftOut).toEqual([
      { subject: 't.code', count: 1, problem: 'of 2 rows with several values, of which the first is used' },
      { subject: 't.quantity', count: 2, problem: 'of 2 rows with a value that has parts, left empty' },
      { subject: 't.one', count: 1, problem: 'of 2 rows that the expression does not fit, left empty' },
    ]);
  });

  it('refuses a `where` that is neither true nor false', async () => {
    const error = await refusal(() =>
      readRecords({ 'a.json': bundle(observation('1')) }, fhir({ id: 'id' }, { where: 'status' })),
    );
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toBe(
      'site north: table t: where: expected true or false for each Observation, got another result',
    );
  });

  it('reads more rows than one batch holds', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify(observation(`p${i}`, i)));
    const { rows } = await readRecords(
      { 'a.ndjson': lines.join('\n') },
      fhir({ value: 'valueQuantity.value' }, { files: ['a.ndjson'] }),
      'select count(*) as n, sum(value) as s from t',
    );
    // 0 + 1 + … + 4999 = 4999 · 5000 / 2.
    expect(rows).toEqual([[5000, 12_497_500]]);
  });
});

describe('FHIR that does not deserve trust', () => {
  const good = JSON.stringify(observation('good', 7));
  const hostile: readonly (readonly [what: string, line: string, reason: string])[] = [
    ['a key twice', '{"resourceType": "Observation", "id": "a", "id": "b"}', 'wrong-format'],
    ['__proto__', '{"resourceType": "Observation", "__proto__": {"id": "x"}}', 'wrong-format'],
    [
      'deep nesting',
      `{"resourceType": "Observation", "a": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
      'too-large',
    ],
    ['no resource', '[1, 2, 3]', 'wrong-format'],
    ['a resourceType that is no text', '{"resourceType": 7}', 'wrong-format'],
    ['a bundle whose entries are none', '{"resourceType": "Bundle", "entry": {"a": 1}}', 'wrong-format'],
    ['a bundle with an entry that is none', '{"resourceType": "Bundle", "entry": [null]}', 'wrong-format'],
    ['a line cut short', good.slice(0, -9), 'truncated'],
  ];

  it.each(hostile)('costs one line of NDJSON with %s', async (_, line, reason) => {
    const read = await readRecords(
      { 'a.ndjson': `${good}\n${line}\n\n${line}\n${good}\n` },
      fhir({ value: 'valueQuantity.value' }, { files: ['a.ndjson'] }),
    );
    expect(read.rows).toEqual([[7], [7]]);
    expect(read.setAside).toEqual([{ file: 'a.ndjson', reason, parts: 2 }]);
  });

  it.each(hostile)('costs one file of JSON with %s', async (_, text, reason) => {
    const read = await readRecords(
      { 'a.json': good, 'b.json': text },
      fhir({ value: 'valueQuantity.value' }),
    );
    expect(read.rows).toEqual([[7]]);
    expect(read.setAside).toEqual([{ file: 'b.json', reason, parts: undefined }]);
  });

  it('passes over a line of 100 MB without holding it', async () => {
    const line = Buffer.alloc(100 * 1024 * 1024, 0x20);
    line.write('{"resourceType": "Observation", "a": "');
    const read = await readRecords(
      { 'a.ndjson': Buffer.concat([Buffer.from(`${good}\n`), line, Buffer.from(`\n${good}\n`)]) },
      fhir({ value: 'valueQuantity.value' }, { files: ['a.ndjson'] }),
    );
    expect(read.rows).toEqual([[7], [7]]);
    expect(read.setAside).toEqual([{ file: 'a.ndjson', reason: 'too-large', parts: 1 }]);
  });

  it('takes no row of a packed file that is damaged in its middle', async () => {
    // Random ids, so that the packed lines do not all fit into the first block.
    const lines = Array.from({ length: 20_000 }, (_, i) =>
      JSON.stringify(observation(`${(i * 2654435761) % 2 ** 32}`, i)),
    );
    const packed = gzipSync(lines.join('\n'));
    const read = await readRecords(
      { 'a.ndjson.gz': packed.subarray(0, packed.length - 100), 'b.ndjson': good },
      fhir({ value: 'valueQuantity.value' }, { files: ['*.ndjson', '*.ndjson.gz'] }),
    );
    expect(read.rows).toEqual([[7]]);
    expect(read.setAside).toEqual([{ file: 'a.ndjson.gz', reason: 'truncated', parts: undefined }]);
  });

  it('stops unpacking at the limit, as a whole and line by line', async () => {
    const folder = folderWith({
      'bomb.json.gz': gzipSync(Buffer.alloc(4_000_000, 0x20)),
      'bomb.ndjson.gz': gzipSync(Buffer.alloc(4_000_000, 0x0a)),
    });
    const limits = { ...RECORD_LIMITS, fileBytes: 1_000_000, streamBytes: 1_000_000 };
    for (const name of ['bomb.json.gz', 'bomb.ndjson.gz']) {
      await expect(readResources(join(folder.path, name), limits).next()).rejects.toMatchObject({
        reason: 'too-large',
      });
    }
    folder.remove();
  });

  it('sets aside what only calls itself gzip, and an empty file', async () => {
    const read = await readRecords(
      { 'a.json.gz': good, 'b.json': '' },
      fhir({ id: 'id' }, { files: ['*.json', '*.json.gz'] }),
    );
    expect(read.setAside).toEqual([
      { file: 'b.json', reason: 'empty', parts: undefined },
      { file: 'a.json.gz', reason: 'wrong-format', parts: undefined },
    ]);
  });

  it('sets aside a link out of the data folder that a pattern meets, and refuses one that is named', async () => {
    const outside = folderWith({ 'secret.json': good });
    const inside = folderWith({ 'good.json': good });
    symlinkSync(join(outside.path, 'secret.json'), join(inside.path, 'link.json'));
    symlinkSync(outside.path, join(inside.path, 'folder'));
    const read = await readRecords(inside.path, fhir({ id: 'id' }, { files: ['**/*.json'] }));
    expect(read.rows).toEqual([['good']]);
    expect(read.setAside).toEqual([{ file: 'link.json', reason: 'outside-folder', parts: undefined }]);
    for (const name of ['link.json', 'folder/secret.json']) {
      const error = await refusal(() => readRecords(inside.path, fhir({ id: 'id' }, { files: [name] })));
      expect(error.code).toBe('FILE_UNREADABLE');
      expect(error.message).toContain('inside of the data folder, got one outside');
    }
    outside.remove();
    inside.remove();
  });

  it('refuses a file that is absent and a pattern that fits none', async () => {
    for (const files of [['absent.json'], ['fhir/*.json']]) {
      const error = await refusal(() => readRecords({ 'a.txt': 'x' }, fhir({ id: 'id' }, { files })));
      expect(error.code).toBe('FILE_UNREADABLE');
      expect(error.message).toContain(`${files[0]}: expected a file, got nothing of that name`);
    }
  });

  it('reads a file once that two paths lead to', async () => {
    const read = await readRecords({ 'a.json': good }, fhir({ id: 'id' }, { files: ['a.json', '*.json'] }));
    expect(read.rows).toHaveLength(1);
  });
});

function sampleNames(): string[] {
  return readdirSync(samples as string).filter((name) => name.endsWith('.json.gz'));
}

function sampleBundle(name: string) {
  return JSON.parse(gunzipSync(readFileSync(join(samples as string, name))).toString());
}
