import { openSync, readSync } from 'node:fs';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ModalityValues, StoredRows } from './cohort.ts';

/** Values of a row up to which copying one by one beats making a view of them. */
const MOST_BY_LOOP = 64;

/** Length of one row. */
export function rowWidth({ itemShape }: Pick<ModalityValues, 'itemShape'>): number {
  return itemShape.reduce((product, length) => product * length, 1);
}

/** How many rows there are. */
export function rowCount(held: ModalityValues): number {
  const { values } = held;
  const width = rowWidth(held);
  return isStored(values) ? values.rows + values.extra.length / width : values.length / width;
}

export function isStored(values: ModalityValues['values']): values is StoredRows {
  return 'kind' in values;
}

/** Whether rows are whole numbers, as of text. */
export function isWhole({ values }: ModalityValues): boolean {
  return isStored(values) ? values.type === 'int32' : values instanceof Int32Array;
}

/**
 * The values of a modality that is always held in memory: tabular and embedding.
 * @throws ConsiliumError `INTERNAL` for another.
 */
export function inMemory({ values }: ModalityValues): Float32Array | Int32Array {
  if (isStored(values)) throw new ConsiliumError('INTERNAL', 'cohort: expected rows in memory, got a file');
  return values;
}

/** The rows of one patient, the first of them `row[patient]`; none where that is -1. */
export function rowsOf({ row, instances }: ModalityValues, patient: number): Int32Array {
  if ((row[patient] as number) < 0) return NONE;
  if (instances === undefined) return row.subarray(patient, patient + 1);
  return instances.rows.subarray(instances.start[patient], instances.start[patient + 1]);
}

const NONE = new Int32Array(0);

export type Instances = NonNullable<ModalityValues['instances']>;

/** The rows of each patient as a modality holds them. */
export function packInstances(perPatient: readonly ArrayLike<number>[]): Instances {
  const start = new Int32Array(perPatient.length + 1);
  perPatient.forEach((rows, i) => {
    start[i + 1] = (start[i] as number) + rows.length;
  });
  const rows = new Int32Array(start.at(-1) as number);
  perPatient.forEach((each, i) => {
    rows.set(each, start[i]);
  });
  return { start, rows };
}

/**
 * Copies rows, in the order of `rows`, one after the other: [rows, ...itemShape]. Given. Of rows on disk it reads only
 * these.
 * @throws ConsiliumError `FILE_UNREADABLE` where a file of the cache is gone or shorter than it was.
 */
export function gatherRows(held: ModalityValues, rows: Int32Array): Float32Array | Int32Array {
  const width = rowWidth(held);
  const { values } = held;
  const gathered = isWhole(held)
    ? new Int32Array(rows.length * width)
    : new Float32Array(rows.length * width);
  if (isStored(values)) {
    for (let i = 0; i < rows.length; i++)
      readStored(values, rows[i] as number, gathered.subarray(i * width, (i + 1) * width));
    return gathered;
  }
  for (let i = 0; i < rows.length; i++) {
    const start = (rows[i] as number) * width;
    if (width > MOST_BY_LOOP) gathered.set(values.subarray(start, start + width), i * width);
    else for (let j = 0; j < width; j++) gathered[i * width + j] = values[start + j] as number;
  }
  return gathered;
}

function readStored(stored: StoredRows, row: number, into: Float32Array | Int32Array): void {
  if (row >= stored.rows) {
    const start = (row - stored.rows) * into.length;
    into.set(stored.extra.subarray(start, start + into.length));
    return;
  }
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  const at = row * into.byteLength;
  let read = 0;
  try {
    read = readSync(descriptor(stored.path), bytes, 0, bytes.length, at);
  } catch (cause) {
    throw cacheError(stored, 'it cannot be read', cause);
  }
  if (read !== bytes.length) throw cacheError(stored, 'it ends before');
}

function cacheError({ path, rows }: StoredRows, found: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError('FILE_UNREADABLE', `cache ${path}: expected ${rows} rows, but ${found}`, {
    cause,
    hint: 'Start again: what is missing from the cache is read anew.',
  });
}

/** One descriptor per file and thread, for as long as the thread lives: a site has as many as it has modalities. */
const descriptors = new Map<string, number>();

function descriptor(path: string): number {
  const known = descriptors.get(path);
  if (known !== undefined) return known;
  const opened = openSync(path, 'r');
  descriptors.set(path, opened);
  return opened;
}
