import {
  appendFileSync,
  chmodSync,
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesOf } from '../../../shared/core/bytes.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { fileProblem } from '../../../shared/core/file-problem.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { type CacheClaim, claimFolder } from './cache-claim.ts';
import {
  type CachedFile,
  type CachedRows,
  INDEX_FILE,
  indexHeader,
  indexLine,
  ROWS_FILE,
  readIndex,
} from './cache-index.ts';
import type { DecodeAnswer } from './decode-task.ts';
import { hasPrivateFolder, takePrivateFolder } from './private-cache.ts';

/**
 * Decoded files of one modality, kept on disk by their content and by how they are prepared: what was decoded once is
 * only read afterwards, and nothing of it is in memory. A folder of its own for each way of preparing, readable by its
 * owner alone, with the rows in one file and an index beside it. Rows are on disk before the index names them, so a
 * crash costs at most what was decoded since the last {@link MediaCache.flush}. Rows that the index names never move
 * nor change, so they can be read while more are added; a file of rows that is begun anew has another name.
 */
export interface MediaCache {
  /** Absolute path of the rows; see `StoredRows`. */
  readonly path: string;
  /** Rows of the file, without gaps. */
  readonly rows: number;
  /** @param stamp names one state of one file: its path, size and times. */
  known(stamp: string): CachedFile | undefined;
  /** Of two files with one content, the rows are kept once. */
  add(stamp: string, answer: DecodeAnswer): CachedFile;
  /** [count, ...item shape]. Given. */
  read(entry: Pick<CachedRows, 'row' | 'count'>): Float32Array;
  /** Done by itself every {@link FILES_PER_FLUSH} files. */
  flush(): void;
  /** Flushes. The rows can still be read. */
  close(): void;
}

/** Raised whenever a file would be prepared into other values, or one can be read that was broken. */
const PREPARATION = 2;

/** Added since the last flush, at most: what a crash can cost. */
const FILES_PER_FLUSH = 256;

/**
 * Opens the cache, or starts it. While somebody else writes to it, this process gets one of its own, which takes over
 * what the other one knows and is gone when the process ends.
 * @param folder made if need be.
 * @param preparation everything but the file that determines its rows.
 * @param rowBytes of one row.
 * @throws ConsiliumError `FILE_UNREADABLE` where the folder cannot be made or written to; so does each function.
 */
export function openMediaCache(folder: string, preparation: string, rowBytes: number): MediaCache {
  const name = cacheName(preparation);
  return guarded(folder, () => {
    const shared = join(folder, name);
    makeFolder(shared);
    chmodSync(shared, 0o700);
    const claim = hasPrivateFolder(folder, name) ? undefined : claimFolder(shared);
    const place =
      claim === undefined
        ? { ...takePrivateFolder(folder, name), beside: shared }
        : { folder: shared, claim, release: claim.release };
    try {
      return openFolder({ ...place, rowBytes });
    } catch (error) {
      place.release();
      throw error;
    }
  });
}

/** Names what is prepared in one way, and no other. */
export function cacheName(preparation: string): string {
  return sha256(`${PREPARATION}\n`, preparation);
}

function openFolder(place: {
  readonly folder: string;
  readonly claim: CacheClaim;
  readonly rowBytes: number;
  readonly release: () => void;
  /** A folder that somebody else writes to, of the same preparation. */
  readonly beside?: string;
}): MediaCache {
  const { folder, claim, rowBytes, beside } = place;
  const index = readIndex(folder, rowBytes);
  const indexPath = join(folder, INDEX_FILE);
  const path = join(folder, index?.rowsFile ?? `rows-${claim.token}`);
  if (index === undefined) startFolder(folder, path);
  else if (statSync(indexPath).size > index.sizeBytes) truncateSync(indexPath, index.sizeBytes);
  const file = openSync(path, 'r+');
  let rows = index?.rows ?? 0;
  ftruncateSync(file, rows * rowBytes);
  const files = index?.files ?? new Map<string, CachedFile>();
  const contents = index?.contents ?? new Map<string, CachedRows>();
  const other = beside === undefined ? undefined : readIndex(beside, rowBytes);
  let pending: string[] = [];

  const remember = (stamp: string, entry: CachedFile) => {
    files.set(stamp, entry);
    if (entry.kind === 'rows' && !contents.has(entry.content)) contents.set(entry.content, entry);
    if (pending.push(indexLine(stamp, entry)) >= FILES_PER_FLUSH) flush();
    return entry;
  };
  const refuseIfLost = () => {
    if (claim.isHeld()) return;
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `cache ${folder}: expected to be the only one that writes there, got another process that took it over while this one stood still`,
      { hint: 'Start again: what was read so far is kept.' },
    );
  };
  const flush = () => {
    if (pending.length === 0) return;
    refuseIfLost();
    fdatasyncSync(file);
    appendFileSync(indexPath, pending.join(''), { mode: 0o600 });
    pending = [];
  };
  const add = (stamp: string, answer: DecodeAnswer): CachedFile => {
    const { others } = answer;
    if (!answer.ok) return remember(stamp, { kind: 'broken', reason: answer.reason, others });
    const { content, count, facts, patientId } = answer;
    const same = contents.get(content);
    if (same !== undefined) return remember(stamp, { ...same, patientId, others });
    refuseIfLost();
    const row = rows;
    writeWhole(file, bytesOf(answer.rows), row * rowBytes);
    rows += count;
    return remember(stamp, { kind: 'rows', content, row, count, facts, patientId, others });
  };
  const read = ({ row, count }: Pick<CachedRows, 'row' | 'count'>) =>
    readRows(file, { row, count, rowBytes }) ?? lostRows(path);
  /** What somebody else has decoded already, copied. */
  const adopted = (stamp: string): CachedFile | undefined => {
    const there = other?.files.get(stamp);
    if (there === undefined || other === undefined || beside === undefined) return undefined;
    if (there.kind === 'broken') return remember(stamp, there);
    const source = openSync(join(beside, other.rowsFile), 'r');
    try {
      const copy = readRows(source, { ...there, rowBytes });
      return copy && add(stamp, { ...there, ok: true, rows: copy });
    } finally {
      closeSync(source);
    }
  };
  return {
    path,
    get rows() {
      return rows;
    },
    known: (stamp) => files.get(stamp) ?? guarded(folder, () => adopted(stamp)),
    add: (stamp, answer) => guarded(folder, () => add(stamp, answer)),
    read: (entry) => guarded(folder, () => read(entry)),
    flush: () => guarded(folder, flush),
    close() {
      try {
        guarded(folder, flush);
      } finally {
        closeSync(file);
        place.release();
      }
    },
  };
}

/** An empty file of rows and an index that names it; what is left of an earlier one goes. */
function startFolder(folder: string, path: string): void {
  for (const name of readdirSync(folder)) if (ROWS_FILE.test(name)) rmSync(join(folder, name));
  closeSync(openSync(path, 'wx', 0o600));
  writeFileSync(join(folder, INDEX_FILE), indexHeader(path.slice(folder.length + 1)), { mode: 0o600 });
}

/** One level at a time: Node's recursive mkdir never returns where a parent refuses with ENOENT, as `/proc` does. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Made by another process in the meantime.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

function writeWhole(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(file, bytes, at, bytes.length - at, position + at);
  }
}

/** Undefined where the file ends before. */
function readRows(
  file: number,
  { row, count, rowBytes }: { readonly row: number; readonly count: number; readonly rowBytes: number },
): Float32Array | undefined {
  const rows = new Float32Array((count * rowBytes) / 4);
  const bytes = bytesOf(rows);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, bytes.length - at, row * rowBytes + at);
    if (read === 0) return undefined;
    at += read;
  }
  return rows;
}

function lostRows(path: string): never {
  throw new ConsiliumError('FILE_UNREADABLE', `cache ${path}: expected rows that were written, got its end`, {
    hint: 'Start again: what is missing from the cache is read anew.',
  });
}

function guarded<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `cache ${folder}: expected a folder to write to, got ${fileProblem(cause, 'write there')}`,
      { cause, hint: 'Name another folder with --cache DIR, or make room in this one.' },
    );
  }
}
