import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { decodeFeature } from '../../client/data/decode.ts';
import { type Column, cell, type Table } from '../../client/data/table.ts';
import { Tables } from '../../client/data/tables.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import type { ModalityId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import type { PatientValues } from '../../shared/model/predict.ts';
import { hashSubwords } from '../../shared/model/text-tokens.ts';
import type { Modality, TabularModality } from '../../shared/study/study.ts';

export interface PatientInput {
  /** The `id` (or `patient`) of the file, else the row counted from 1. */
  readonly id: string;
  readonly values: PatientValues;
}

export interface PatientFile {
  readonly patients: readonly PatientInput[];
  /** Inputs of the model that the file does not have at all; they count as missing. */
  readonly absent: readonly string[];
}

const ID_COLUMNS = ['id', 'patient', 'patient_id'];

/**
 * Reads patients for whom a model is asked. A table (CSV, Parquet; also JSON) has one row per patient and one column per
 * tabular feature, named `<feature>` or `<modality>.<feature>`; notes stand in a column named for their modality. JSON
 * and NDJSON may nest: `{"id": "a", "labs": {"chol": 210}, "note": "text", "ecg": [numbers]}`, arrays flat or nested.
 * A tabular modality is there where at least one of its cells is filled.
 * @throws ConsiliumError `FILE_UNREADABLE` or `DATA_INVALID`, with the file and every fault of it.
 */
export async function readPatients(path: string, modalities: readonly Modality[]): Promise<PatientFile> {
  const isJson = /\.(json|ndjson|jsonl)$/i.test(path);
  const file = { path: realPath(path), name: patientFile(path) };
  const table = isJson ? jsonTable(file) : { ...(await readTable(file)), arrays: new Map() };
  return fromTable({ ...table, source: file.name }, modalities);
}

/** How messages call a file of patients. */
export function patientFile(path: string): string {
  return `patient file ${path}`;
}

interface NamedFile {
  /** Without links. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
}

/** @throws ConsiliumError `FILE_UNREADABLE`. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw unreadable(patientFile(path), cause);
  }
}

function unreadable(name: string, cause: unknown): ConsiliumError {
  return new ConsiliumError(
    'FILE_UNREADABLE',
    `${name}: expected a table or JSON, got ${fileProblem(cause)}`,
    { cause, hint: 'Check the path of --input.' },
  );
}

/** A table, and beside it whatever JSON had as lists of numbers: by modality, one per row. */
interface PatientTable extends Table {
  readonly arrays: ReadonlyMap<string, readonly (readonly number[] | undefined)[]>;
}

async function readTable({ path, name }: NamedFile): Promise<Table> {
  const source = { kind: 'table', name: basename(path) } as const;
  const tables = await Tables.open({
    dataDir: dirname(path),
    owner: name,
    tables: new Map(),
    sources: [source],
    idColumns: new Set(ID_COLUMNS),
  });
  try {
    return await tables.read(source, 'patients');
  } finally {
    tables.close();
  }
}

function jsonTable({ path, name: file }: NamedFile): PatientTable {
  const records = parseRecords(path, file);
  const texts = new Map<string, (string | undefined)[]>();
  const arrays = new Map<string, (readonly number[] | undefined)[]>();
  const put = <T>(columns: Map<string, (T | undefined)[]>, name: string, row: number, value: T) => {
    const column = columns.get(name) ?? new Array<T | undefined>(records.length).fill(undefined);
    column[row] = value;
    columns.set(name, column);
  };
  records.forEach((record, row) => {
    for (const [name, value] of Object.entries(record)) {
      if (Array.isArray(value)) put(arrays, name, row, numbersOf(value, `${file}: row ${row + 1}, ${name}`));
      else if (typeof value === 'object' && value !== null) {
        for (const [feature, inner] of Object.entries(value)) {
          if (inner !== null) put(texts, `${name}.${feature}`, row, String(inner));
        }
      } else if (value !== null) put(texts, name, row, String(value));
    }
  });
  const columns = [...texts].map(([name, values]) => [name, { kind: 'text', values }] as const);
  return { source: file, rows: records.length, columns: new Map<string, Column>(columns), arrays };
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

/** One array, one object, or an object per line. */
function parseRecords(path: string, name: string): readonly object[] {
  const text = readText(path, name);
  const isLines = /\.(ndjson|jsonl)$/i.test(path);
  const pieces = isLines
    ? [...text.split('\n').entries()].filter(([, line]) => line.trim() !== '')
    : [[0, text] as const];
  const values = pieces.flatMap(([line, piece]): unknown[] => {
    try {
      const value: unknown = JSON.parse(piece);
      return !isLines && Array.isArray(value) ? value : [value];
    } catch (cause) {
      const where = isLines ? `${name}:${line + 1}` : name;
      throw invalid(`${where}: expected JSON, got other text`, cause);
    }
  });
  values.forEach((value, i) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(`${name}: row ${i + 1}: expected an object for each patient, got ${kindOf(value)}`);
    }
  });
  return values as object[];
}

function numbersOf(value: readonly unknown[], where: string): number[] {
  const flat = value.flat(3);
  const other = flat.find((item) => typeof item !== 'number');
  if (other !== undefined) throw invalid(`${where}: expected a list of numbers, got ${kindOf(other)} in it`);
  return flat as number[];
}

/** What a value is, without the value: it may be a patient's. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an object' : `a ${typeof value}`}`;
}

function invalid(message: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError('DATA_INVALID', message, {
    cause,
    hint: 'Correct the file, or leave out what was not measured: docs/researcher.md, section 11, shows one.',
  });
}

function fromTable(table: PatientTable, modalities: readonly Modality[]): PatientFile {
  const rows = Int32Array.from({ length: table.rows }, (_, i) => i);
  const found = Array.from(rows, () => new Map<ModalityId, Float32Array | Int32Array>());
  const absent: string[] = [];
  const faults: string[] = [];
  for (const modality of modalities) {
    if (modality.kind === 'tabular') readTabular(table, modality, { rows, found, absent, faults });
    else if (modality.kind === 'text') readNotes(table, modality, { found, absent });
    else readArrays(table, modality, { found, absent });
  }
  if (faults.length > 0) {
    const text =
      faults.length === 1
        ? faults[0]
        : `${plural(faults.length, 'fault')}\n${faults.map((fault) => `  ${fault}`).join('\n')}`;
    throw invalid(`${table.source}: ${text}`);
  }
  const ids = ID_COLUMNS.map((name) => table.columns.get(name)).find((column) => column !== undefined);
  const idOf = (row: number) => String((ids === undefined ? undefined : cell(ids, row)) ?? row + 1);
  return { patients: found.map((values, row) => ({ id: idOf(row), values })), absent };
}

interface Reading {
  /** Changed in place, like the lists: what each row has. */
  readonly found: readonly Map<ModalityId, Float32Array | Int32Array>[];
  readonly absent: string[];
}

function readTabular(
  table: PatientTable,
  modality: TabularModality,
  reading: Reading & { readonly rows: Int32Array; readonly faults: string[] },
): void {
  const { rows, found, absent, faults } = reading;
  const width = modality.features.length;
  const values = new Float32Array(rows.length * width).fill(Number.NaN);
  modality.features.forEach((feature, j) => {
    const name = `${modality.id}.${feature.name}`;
    const column = table.columns.get(name) ?? table.columns.get(feature.name);
    if (column === undefined) {
      absent.push(name);
      return;
    }
    const decoded = decodeFeature(column, feature, rows);
    faults.push(
      ...decoded.faults.map(({ count, problem }) => `${name}: ${plural(count, 'cell')} ${problem}`),
    );
    decoded.values.forEach((value, row) => {
      values[row * width + j] = value;
    });
  });
  found.forEach((patient, row) => {
    const own = values.slice(row * width, (row + 1) * width);
    if (!own.every(Number.isNaN)) patient.set(modality.id, own);
  });
}

function readNotes(
  table: PatientTable,
  modality: Modality & { kind: 'text' },
  { found, absent }: Reading,
): void {
  const column = table.columns.get(modality.id);
  if (column === undefined) {
    absent.push(modality.id);
    return;
  }
  found.forEach((patient, row) => {
    const note = cell(column, row);
    if (note !== undefined && `${note}`.trim() !== '')
      patient.set(modality.id, hashSubwords(`${note}`, modality));
  });
}

function readArrays(table: PatientTable, modality: Modality, { found, absent }: Reading): void {
  const column = table.arrays.get(modality.id);
  if (column === undefined) absent.push(modality.id);
  found.forEach((patient, row) => {
    const numbers = column?.[row];
    if (numbers !== undefined) patient.set(modality.id, Float32Array.from(numbers));
  });
}
