import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { findFiles, isPattern, locateFile } from '../locate-file.ts';
import { BrokenFile, type BrokenReason } from '../media/broken-file.ts';
import type { LeftOut, SetAside } from '../set-aside.ts';
import { identifier } from '../sql-text.ts';
import { insideFile } from '../table-files.ts';
import { fhirReader } from './fhir-rows.ts';
import { hl7Reader } from './hl7-rows.ts';
import { type CellCounts, emptyCounts, type RecordCell, type RecordReader } from './record-rows.ts';
import { RECORD_LIMITS, type RecordLimits, type RecordSource } from './record-source.ts';

export interface RecordTable {
  /** The name that SQL uses. */
  readonly name: string;
  readonly source: RecordSource;
  /** From `dataFolder`. */
  readonly folder: string;
  /** Names the table in messages. */
  readonly where: string;
  /** Columns that stay text. */
  readonly idColumns: ReadonlySet<string>;
  readonly limits?: RecordLimits;
}

export interface RecordTableRead {
  readonly setAside: readonly SetAside[];
  readonly leftOut: readonly LeftOut[];
}

/** Holds the rows as they were read; the view of the table's own name gives them types. */
const RAW_SCHEMA = 'records as read';

const BATCH_ROWS = 2048;

/**
 * Reads clinical records into a table of the connection, one file after the other and each as a whole or not at all. A
 * column that held numbers only is DOUBLE, any other VARCHAR. What cannot be read is set aside and counted.
 * @throws ConsiliumError `FILE_UNREADABLE` when a path written without `*` and `?` leads to no file of the data folder,
 * or a pattern to none at all; `DATA_INVALID` when `where` gives no truth value.
 */
export async function fillRecordTable(
  connection: DuckDBConnection,
  table: RecordTable,
): Promise<RecordTableRead> {
  const { source } = table;
  const limits = table.limits ?? RECORD_LIMITS;
  const reader = source.kind === 'fhir' ? fhirReader(source, limits, table.where) : hl7Reader(source, limits);
  const names = [...source.columns.keys()];
  const total = emptyCounts(names.length);
  const holdsText = names.map(() => false);
  const { files, setAside } = recordFiles(table);
  await connection.run(`create schema if not exists ${identifier(RAW_SCHEMA)}`);
  const columns = names.map((name) => `${identifier(name)} varchar`);
  await connection.run(`create table ${rawName(table)} (${columns.join(', ')})`);
  let rows = 0;
  for (const file of files) {
    const read = await readOneFile(connection, { ...table, file, reader, columns: names.length });
    if (read.broken !== undefined) {
      setAside.push({ file: file.path, reason: read.broken, parts: undefined });
      continue;
    }
    rows += read.rows;
    for (const [reason, parts] of read.brokenParts) setAside.push({ file: file.path, reason, parts });
    addCounts(total, read.counts);
    for (const [i, isText] of read.holdsText.entries()) holdsText[i] ||= isText;
  }
  const typed = names.map((name, i) => {
    const isNumber = !holdsText[i] && !table.idColumns.has(name) && source.kind === 'fhir';
    return isNumber ? `cast(${identifier(name)} as double) as ${identifier(name)}` : identifier(name);
  });
  await connection.run(
    `create view ${identifier(table.name)} as select ${typed.join(', ')} from ${rawName(table)}`,
  );
  return { setAside, leftOut: leftOut(table, total, rows) };
}

interface RecordFile {
  readonly path: string;
  readonly real: string;
}

function recordFiles({ folder, source, where }: RecordTable): { files: RecordFile[]; setAside: SetAside[] } {
  const files: RecordFile[] = [];
  const setAside: SetAside[] = [];
  for (const written of source.files) {
    const found = isPattern(written) ? findFiles(folder, written) : [];
    // A path that is named must be there; a pattern that fits nothing has the same error.
    if (found.length === 0) insideFile(folder, written, where);
    for (const path of found.length === 0 ? [written] : found) {
      const located = locateFile(folder, path);
      if (located.kind === 'file' && located.sizeBytes > 0) files.push({ path, real: located.real });
      else if (located.kind !== 'no-file') {
        setAside.push({ file: path, reason: REASONS[located.kind], parts: undefined });
      }
    }
  }
  return { files: [...new Map(files.map((file) => [file.real, file])).values()], setAside };
}

const REASONS = { file: 'empty', outside: 'outside-folder', unreadable: 'unreadable' } as const;

interface OneFile {
  readonly broken: BrokenReason | undefined;
  readonly brokenParts: ReadonlyMap<BrokenReason, number>;
  readonly rows: number;
  readonly counts: readonly CellCounts[];
  /** [columns] whether a cell was anything but a number. */
  readonly holdsText: readonly boolean[];
}

/** One transaction, so that a file which breaks in its middle leaves no row behind. */
async function readOneFile(
  connection: DuckDBConnection,
  options: RecordTable & { file: RecordFile; reader: RecordReader; columns: number },
): Promise<OneFile> {
  const counts = emptyCounts(options.columns);
  const holdsText = counts.map(() => false);
  const brokenParts = new Map<BrokenReason, number>();
  let rows = 0;
  let broken: BrokenReason | undefined;
  await connection.run('begin transaction');
  const appender = await connection.createAppender(options.name, RAW_SCHEMA);
  try {
    for await (const item of options.reader.read(options.file.real, counts)) {
      if (item.kind === 'broken') brokenParts.set(item.reason, (brokenParts.get(item.reason) ?? 0) + 1);
      else {
        appendRow(appender, item.cells, holdsText);
        if (++rows % BATCH_ROWS === 0) appender.flushSync();
      }
    }
    appender.closeSync();
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error;
    appender.closeSync();
    broken = error.reason;
  }
  await connection.run(broken === undefined ? 'commit' : 'rollback');
  return { broken, brokenParts, rows, counts, holdsText };
}

function appendRow(appender: DuckDBAppender, cells: readonly RecordCell[], holdsText: boolean[]): void {
  for (const [i, value] of cells.entries()) {
    if (value === undefined) appender.appendNull();
    else {
      if (typeof value !== 'number') holdsText[i] = true;
      appender.appendVarchar(String(value));
    }
  }
  appender.endRow();
}

function addCounts(total: readonly CellCounts[], counts: readonly CellCounts[]): void {
  for (const [i, each] of counts.entries()) {
    const sum = total[i] as CellCounts;
    sum.several += each.several;
    sum.composite += each.composite;
    sum.failed += each.failed;
  }
}

function leftOut({ name, source }: RecordTable, counts: readonly CellCounts[], rows: number): LeftOut[] {
  return [...source.columns.keys()].flatMap((column, i) => {
    const { several, composite, failed } = counts[i] as CellCounts;
    const subject = `${name}.${column}`;
    const of = `of ${rows} rows`;
    const found: LeftOut[] = [
      { subject, count: several, problem: `${of} with several values, of which the first is used` },
      { subject, count: composite, problem: `${of} with a value that has parts, left empty` },
      { subject, count: failed, problem: `${of} that the expression does not fit, left empty` },
    ];
    return found.filter(({ count }) => count > 0);
  });
}

function rawName({ name }: RecordTable): string {
  return `${identifier(RAW_SCHEMA)}.${identifier(name)}`;
}
