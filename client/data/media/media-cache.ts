import {
  appendFileSync,
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesOf } from '../../../shared/core/bytes.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { BROKEN_REASONS, type BrokenReason } from './broken-file.ts';
import type { DecodeAnswer, MediaFacts } from './decode-task.ts';

/** What the cache knows of one file. */
export type CachedFile =
  | {
      readonly kind: 'rows';
      /** SHA-256 of the content. */
      readonly content: string;
      /** Its rows are `row` to `row + count - 1` of the cache's file. */
      readonly row: number;
      readonly count: number;
      readonly facts: MediaFacts;
      readonly patientId: string | undefined;
    }
  | { readonly kind: 'broken'; readonly reason: BrokenReason };

/**
 * Decoded files of one modality, kept on disk by their content and by how they are prepared: what was decoded once is
 * only read afterwards, and nothing of it is in memory. A folder of its own for each way of preparing, readable by its
 * owner alone, with the rows in one file and an index beside it. Rows are on disk before the index names them, so a
 * crash costs at most what was decoded since the last {@link MediaCache.flush}.
 */
export interface MediaCache {
  /** Absolute path of the rows; see `StoredRows`. */
  readonly path: string;
  /** Rows of the file, without gaps. */
  readonly rows: number;
  /** @param stamp names one state of one file: its path, size and time of change. */
  known(stamp: string): CachedFile | undefined;
  /** Of two files with one content, the rows are kept once. */
  add(stamp: string, answer: DecodeAnswer): CachedFile;
  flush(): void;
  /** Flushes. The rows can still be read. */
  close(): void;
}

/** Raised whenever the same file would be prepared into other values. */
const PREPARATION = 1;

/**
 * Opens the cache, or starts it. While another process writes to it, this one gets an empty one of its own, which is
 * gone when it ends.
 * @param folder made if need be.
 * @param preparation everything but the file that determines its rows.
 * @param rowBytes of one row.
 */
export function openMediaCache(folder: string, preparation: string, rowBytes: number): MediaCache {
  const name = sha256(`${PREPARATION}\n`, preparation);
  const home = claim(join(folder, name)) ?? privateFolder(join(folder, name));
  const path = join(home, 'rows');
  const indexPath = join(home, 'index');
  const file = openSync(path, 'a+', 0o600);
  const { files, contents, rows: known } = readIndex(indexPath, Math.floor(statSync(path).size / rowBytes));
  ftruncateSync(file, known * rowBytes);
  let rows = known;
  let pending: string[] = [];
  const remember = (stamp: string, entry: CachedFile) => {
    files.set(stamp, entry);
    if (entry.kind === 'rows') contents.set(entry.content, entry);
    pending.push(`${JSON.stringify({ stamp, ...entry })}\n`);
    return entry;
  };
  const flush = () => {
    if (pending.length === 0) return;
    fdatasyncSync(file);
    appendFileSync(indexPath, pending.join(''), { mode: 0o600 });
    pending = [];
  };
  return {
    path,
    get rows() {
      return rows;
    },
    known: (stamp) => files.get(stamp),
    add(stamp, answer) {
      if (!answer.ok) return remember(stamp, { kind: 'broken', reason: answer.reason });
      const { content, count, facts, patientId } = answer;
      const same = contents.get(content);
      if (same !== undefined) return remember(stamp, { ...same, patientId });
      const row = rows;
      writeWhole(file, bytesOf(answer.rows));
      rows += count;
      return remember(stamp, { kind: 'rows', content, row, count, facts, patientId });
    },
    flush,
    close() {
      flush();
      fsyncSync(file);
      closeSync(file);
      rmSync(join(home, 'writer'), { force: true });
    },
  };
}

type Rows = Extract<CachedFile, { kind: 'rows' }>;

/** Everything that is whole: a line that a crash cut off, or that names rows that are not there, counts for nothing. */
function readIndex(
  path: string,
  most: number,
): { files: Map<string, CachedFile>; contents: Map<string, Rows>; rows: number } {
  const files = new Map<string, CachedFile>();
  const contents = new Map<string, Rows>();
  let rows = 0;
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { files, contents, rows };
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(path, whole, { mode: 0o600 });
  for (const line of whole.split('\n')) {
    const entry = parseEntry(line);
    if (entry === undefined) continue;
    const { stamp, ...cached } = entry;
    if (cached.kind === 'rows') {
      if (cached.row + cached.count > most) continue;
      rows = Math.max(rows, cached.row + cached.count);
      contents.set(cached.content, cached);
    }
    files.set(stamp, cached);
  }
  return { files, contents, rows };
}

function parseEntry(line: string): ({ readonly stamp: string } & CachedFile) | undefined {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { stamp, kind, content, row, count, facts, patientId, reason } = entry;
  if (typeof stamp !== 'string') return undefined;
  if (kind === 'broken') {
    const known = BROKEN_REASONS.find((each) => each === reason);
    return known === undefined ? undefined : { stamp, kind, reason: known };
  }
  const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (kind !== 'rows' || typeof content !== 'string' || !isIndex(row) || !isIndex(count)) return undefined;
  return {
    stamp,
    kind,
    content,
    row,
    count,
    facts: (facts ?? {}) as MediaFacts,
    patientId: typeof patientId === 'string' ? patientId : undefined,
  };
}

/** The folder, unless another living process has it. */
function claim(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mark = join(folder, 'writer');
  for (const attempt of [1, 2]) {
    try {
      writeFileSync(mark, String(process.pid), { flag: 'wx', mode: 0o600 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (attempt === 2 || isAlive(mark)) return undefined;
      rmSync(mark, { force: true });
    }
  }
  return undefined;
}

function isAlive(mark: string): boolean {
  try {
    process.kill(Number(readFileSync(mark, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One for each cache and process, so that sites that share a cache still do. */
const privateFolders = new Map<string, string>();

function privateFolder(instead: string): string {
  const known = privateFolders.get(instead);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'consilium-cache-'));
  privateFolders.set(instead, folder);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
