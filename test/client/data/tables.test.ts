import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import type { Table } from '../../../client/data/table.ts';
import type { RowSource, TableSource } from '../../../client/data/table-source.ts';
import { plainSource } from '../../../client/data/table-source.ts';
import { Tables } from '../../../client/data/tables.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { folderWith, refusal } from './site-folder.ts';

async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  source: RowSource,
  tables: Readonly<Record<string, Partial<TableSource>>> = {},
): Promise<Table> {
  const folder = folderWith(files);
  try {
    const opened = await Tables.open({
      dataDir: folder.path,
      owner: 'site north',
      tables: new Map(
        Object.entries(tables).map(([name, table]) => [name, { ...plainSource(`${name}.csv`), ...table }]),
      ),
      sources: [source],
      idColumns: new Set(['id']),
    });
    try {
      return await opened.read(source, 'patients');
    } finally {
      opened.close();
    }
  } finally {
    folder.remove();
  }
}

const file = (name: string): RowSource => ({ kind: 'table', name });
const sql = (text: string): RowSource => ({ kind: 'sql', sql: text });

/** Rows of plain values; null is an empty cell. */
function rowsOf(table: Table): (number | string | null)[][] {
  return Array.from({ length: table.rows }, (_, row) =>
    [...table.columns.values()].map((column) => {
      if (column.kind === 'text') return column.values[row] ?? null;
      return column.isNull[row] === 1 ? null : (column.values[row] as number);
    }),
  );
}

const CSV = 'id,x,name\n007,1.5,ann\n008,,"b ""c"", d"\n';
const ROWS = [
  ['007', 1.5, 'ann'],
  ['008', null, 'b "c", d'],
];

describe('tables', () => {
  it('reads CSV column by column, ids as text', async () => {
    const table = await read({ 'a.csv': CSV }, file('a.csv'));
    expect(rowsOf(table)).toEqual(ROWS);
    expect(table.columns.get('x')?.kind).toBe('number');
  });

  it.each([
    ['a byte order mark', `\ufeff${CSV}`],
    ['line ends of Windows', CSV.replaceAll('\n', '\r\n')],
    ['no line end at the end', CSV.trimEnd()],
    ['blank lines', `${CSV}\n\n`],
  ])('reads CSV with %s', async (_, text) => {
    expect(rowsOf(await read({ 'a.csv': text }, file('a.csv')))).toEqual(ROWS);
  });

  it('reads tab separated and other delimiters', async () => {
    const rows = [['1', 2.5]];
    expect(rowsOf(await read({ 'a.tsv': 'id\tx\n1\t2.5\n' }, file('a.tsv')))).toEqual(rows);
    const semicolons = await read({ 'a.csv': 'id;x\n1;2.5\n' }, file('a'), { a: { delimiter: ';' } });
    expect(rowsOf(semicolons)).toEqual(rows);
  });

  it('reads a file without header under declared names, with declared codes of empty cells', async () => {
    const table = await read({ 'a.data': '63.0,?\n67.0,2\n' }, file('a'), {
      a: { files: ['a.data'], header: false, columns: ['age', 'ca'], missing: ['?'] },
    });
    expect([...table.columns.keys()]).toEqual(['age', 'ca']);
    expect(rowsOf(table)).toEqual([
      [63, null],
      [67, 2],
    ]);
  });

  it('refuses a list of names of another length than the lines', async () => {
    const error = await refusal(() =>
      read({ 'a.csv': '1,2\n' }, file('a'), { a: { header: false, columns: ['one'] } }),
    );
    expect(error.message).toContain('expected 1 column as listed, got 2');
  });

  it('never takes the first line for anything but the header', async () => {
    // DuckDB's own detection drops lines above the widest one without a word.
    const table = await read({ 'a.csv': 'id,x\n#1,2\n2,3\n' }, file('a.csv'));
    expect(table.rows).toBe(2);
    await expect(read({ 'a.csv': 'id,x\n1,2\n2,3,4\n' }, file('a.csv'))).rejects.toThrow(ConsiliumError);
  });

  it('reads several files as one table', async () => {
    const table = await read({ 'a.csv': 'id,x\n1,2\n', 'b.csv': 'id,x\n2,3\n' }, file('a'), {
      a: { files: ['a.csv', 'b.csv'] },
    });
    expect(rowsOf(table)).toEqual([
      ['1', 2],
      ['2', 3],
    ]);
  });

  it('reads gzip, JSON and lines of JSON', async () => {
    const rows = [['1', 2.5]];
    expect(rowsOf(await read({ 'a.csv.gz': gzipSync('id,x\n1,2.5\n') }, file('a.csv.gz')))).toEqual(rows);
    const json = '[{"id": "1", "x": 2.5}]';
    expect(rowsOf(await read({ 'a.json': json }, file('a.json')))).toEqual(rows);
    expect(rowsOf(await read({ 'a.ndjson': '{"id": "1", "x": 2.5}\n' }, file('a.ndjson')))).toEqual(rows);
  });

  it('reads Parquet', async () => {
    const folder = folderWith({});
    const path = join(folder.path, 'a.parquet');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(`copy (select 7::bigint as id, 2.5::float as x) to '${path}' (format parquet)`);
    const bytes = readFileSync(path);
    folder.remove();
    expect(rowsOf(await read({ 'a.parquet': bytes }, file('a.parquet')))).toEqual([[7, 2.5]]);
  });

  it('refuses damaged gzip and JSON', async () => {
    const gzip = await refusal(() => read({ 'a.csv.gz': 'no gzip' }, file('a.csv.gz')));
    expect(gzip.message).toContain('a compressed file that is damaged');
    const json = await refusal(() => read({ 'a.json': '{"id": 1}\n{"id": ' }, file('a.json')));
    expect(json.message).toContain('malformed JSON');
  });

  it('joins files by SQL, dates and truth values as text', async () => {
    const query = `select a.id, b.y > 1 as high, date '2020-01-02' as day, 3::bigint as n, 2.5::decimal(4, 2) as d
      from 'a.csv' as a join "deep/b.csv" as b using (id) order by id desc;`;
    const table = await read({ 'a.csv': 'id\n1\n2\n', 'deep/b.csv': 'id,y\n1,1\n2,2\n' }, sql(query));
    expect(rowsOf(table)).toEqual([
      ['2', 'true', '2020-01-02', 3, 2.5],
      ['1', 'false', '2020-01-02', 3, 2.5],
    ]);
  });

  it('keeps the order of the file for row numbers', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${i * 7}`);
    const table = await read(
      { 'a.csv': `x\n${lines.join('\n')}\n` },
      sql("select row_number() over () as n, x from 'a.csv'"),
    );
    const rows = rowsOf(table);
    expect(rows.every(([n, x]) => x === (Number(n) - 1) * 7)).toBe(true);
    expect(rows).toHaveLength(5000);
  });
});
