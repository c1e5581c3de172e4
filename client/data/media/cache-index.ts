import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BROKEN_REASONS, type BrokenReason } from './broken-file.ts';
import type { MediaFacts, OtherFile } from './decode-task.ts';

/** What the cache knows of one file. */
export type CachedFile = CachedRows | CachedBroken;

export interface CachedRows {
  readonly kind: 'rows';
  /** SHA-256 of the content. */
  readonly content: string;
  /** Its rows are `row` to `row + count - 1` of the cache's file. */
  readonly row: number;
  readonly count: number;
  readonly facts: MediaFacts;
  /** Undefined: was not asked for. Empty: the file has none. */
  readonly patientId: string | undefined;
  /** Holds only as long as these are as they were. */
  readonly others: readonly OtherFile[];
}

export interface CachedBroken {
  readonly kind: 'broken';
  readonly reason: BrokenReason;
  readonly others: readonly OtherFile[];
}

/** The index of a folder of the cache: a line that names the file of rows, and one line for each file that was read. */
export interface CacheIndex {
  /** Name of the file of rows. */
  readonly rowsFile: string;
  /** By stamp. Given. */
  readonly files: Map<string, CachedFile>;
  /** By content. Given. */
  readonly contents: Map<string, CachedRows>;
  /** Rows that lines name, from the first on. */
  readonly rows: number;
  /** Up to the end of the last whole line. */
  readonly sizeBytes: number;
}

export const INDEX_FILE = 'index';
export const ROWS_FILE = /^rows-[A-Za-z0-9]+$/;

/** A longer line is no line of ours. */
const MOST_LINE_BYTES = 1 << 16;
const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

export function indexHeader(rowsFile: string): string {
  return `${JSON.stringify({ rows: rowsFile })}\n`;
}

export function indexLine(stamp: string, entry: CachedFile): string {
  const { others, ...rest } = entry;
  return `${JSON.stringify({ stamp, ...rest, ...(others.length > 0 ? { others } : {}) })}\n`;
}

/**
 * Everything that is whole: a line that a crash cut off, or that names rows that are not there, counts for nothing.
 * @returns undefined where there is no index, or none of ours, or its rows are gone.
 * @throws the error of the file system for one that is there and cannot be read.
 */
export function readIndex(folder: string, rowBytes: number): CacheIndex | undefined {
  const path = join(folder, INDEX_FILE);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const files = new Map<string, CachedFile>();
  const contents = new Map<string, CachedRows>();
  const shared = new Map<string, MediaFacts>();
  let rowsFile: string | undefined;
  let most = 0;
  let rows = 0;
  const sizeBytes = eachLine(path, (line, position) => {
    if (position === 0) {
      rowsFile = rowsFileOf(line);
      if (rowsFile === undefined) return false;
      const stats = statSync(join(folder, rowsFile), { throwIfNoEntry: false });
      if (stats === undefined) rowsFile = undefined;
      else most = Math.floor(stats.size / rowBytes);
      return stats !== undefined;
    }
    const parsed = parseEntry(line);
    if (parsed === undefined) return true;
    const { stamp, entry } = parsed;
    if (entry.kind === 'broken') {
      files.set(stamp, entry);
      return true;
    }
    if (entry.row + entry.count > most) return true;
    rows = Math.max(rows, entry.row + entry.count);
    const known = contents.get(entry.content);
    const cached = {
      ...entry,
      content: known?.content ?? entry.content,
      facts: once(shared, entry.facts),
    };
    files.set(stamp, cached);
    if (known === undefined) contents.set(cached.content, cached);
    return true;
  });
  return rowsFile === undefined ? undefined : { rowsFile, files, contents, rows, sizeBytes };
}

/** The same facts as the same object: a site has few different ones. */
function once(shared: Map<string, MediaFacts>, facts: MediaFacts): MediaFacts {
  const key = JSON.stringify(facts);
  const known = shared.get(key);
  if (known === undefined) shared.set(key, facts);
  return known ?? facts;
}

/**
 * Each whole line in turn, as long as `visit` says true.
 * @returns the position after the last whole line that was read, in bytes.
 */
function eachLine(path: string, visit: (line: string, position: number) => boolean): number {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    let position = 0;
    let isSkipping = false;
    for (;;) {
      const count = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (count === 0) return position;
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        const isGoing = isSkipping || visit(bytes.toString('utf8', start, end), position);
        isSkipping = false;
        position += end + 1 - start;
        start = end + 1;
        if (!isGoing) return position;
      }
      rest = Buffer.from(bytes.subarray(start));
      if (rest.length <= MOST_LINE_BYTES) continue;
      isSkipping = true;
      position += rest.length;
      rest = Buffer.alloc(0);
    }
  } finally {
    closeSync(file);
  }
}

function rowsFileOf(line: string): string | undefined {
  const name = objectIn(line)?.['rows'];
  return typeof name === 'string' && ROWS_FILE.test(name) ? name : undefined;
}

function parseEntry(line: string): { readonly stamp: string; readonly entry: CachedFile } | undefined {
  const { stamp, kind, content, row, count, facts, patientId, reason, others } = objectIn(line) ?? {};
  if (typeof stamp !== 'string') return undefined;
  const beside = Array.isArray(others) ? (others as readonly OtherFile[]) : NONE;
  if (kind === 'broken') {
    const known = BROKEN_REASONS.find((each) => each === reason);
    return known === undefined ? undefined : { stamp, entry: { kind, reason: known, others: beside } };
  }
  if (kind !== 'rows' || typeof content !== 'string' || !isIndex(row) || !isIndex(count)) return undefined;
  const entry: CachedRows = {
    kind,
    content,
    row,
    count,
    facts: (facts ?? {}) as MediaFacts,
    patientId: typeof patientId === 'string' ? patientId : undefined,
    others: beside,
  };
  return { stamp, entry };
}

const NONE: readonly OtherFile[] = [];

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
