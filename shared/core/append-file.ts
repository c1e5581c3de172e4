import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, writeAll } from './atomic-file.ts';
import { ConsiliumError } from './errors.ts';
import { reached } from './failpoint.ts';

/** A file of lines that only grows. What a crash left of an unfinished last line is cut off by the next append. */
export interface AppendFile {
  /**
   * Adds a line and resolves once it is on the disk; appends run one after the other.
   * @param next makes the line from the last whole one, undefined in an empty file; no line break in it.
   * @returns the line.
   */
  append(next: (last: string | undefined) => string): Promise<string>;
  /** As `append`, of several lines with one sync. */
  appendAll(next: (last: string | undefined) => readonly string[]): Promise<readonly string[]>;
  /** The whole lines, in order. */
  lines(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A line is at most this long, so that the last one is found without reading the file. */
const MAX_LINE_BYTES = 2 ** 20;

/** @param path in a folder that exists. Made with mode 0600. @throws the error of the file system, as it is. */
export async function openAppendFile(path: string): Promise<AppendFile> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  let end = await found(file, path);
  let turn: Promise<unknown> = Promise.resolve();

  async function write(next: (last: string | undefined) => readonly string[]): Promise<readonly string[]> {
    const { size } = await file.stat();
    // Another process has appended, or a write was cut short.
    if (size !== end.offset) end = await wholeEnd(file, path);
    if (size > end.offset) await file.truncate(end.offset);
    const lines = next(end.last);
    if (lines.length === 0) return lines;
    const bytes = Buffer.concat(lines.map((line) => lineBytes(line, path)));
    await reached('begin', path);
    await writeAll(file, bytes, end.offset);
    await reached('written', path);
    await file.sync();
    await reached('synced', path);
    end = { offset: end.offset + bytes.length, last: lines.at(-1) };
    return lines;
  }

  function appendAll(next: (last: string | undefined) => readonly string[]): Promise<readonly string[]> {
    const written = turn.then(() => write(next));
    turn = written.catch(() => undefined);
    return written;
  }

  return {
    append: async (next) => (await appendAll((last) => [next(last)]))[0] as string,
    appendAll,
    async lines() {
      await turn;
      const { size } = await file.stat();
      const bytes = Buffer.alloc(size);
      const length = await readAt(file, bytes, 0);
      return linesOf(bytes.subarray(0, length));
    },
    async close() {
      await turn;
      await file.close();
    },
  };
}

function lineBytes(line: string, path: string): Buffer {
  const bytes = Buffer.from(`${line}\n`);
  if (bytes.indexOf(10) === bytes.length - 1 && bytes.length <= MAX_LINE_BYTES) return bytes;
  throw new ConsiliumError(
    'INTERNAL',
    `${path}: expected one line of at most ${MAX_LINE_BYTES} bytes, got another`,
  );
}

/** The whole lines of a file's bytes; an unfinished last one is left out. */
export function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('utf8', 0, bytes.lastIndexOf(10) + 1).split('\n');
  return lines.slice(0, -1);
}

interface End {
  /** Bytes of whole lines. */
  readonly offset: number;
  readonly last: string | undefined;
}

/**
 * Where a file that was just opened ends; it may be new, or hold a line that a process wrote and did not live to sync: it is
 * safe before anybody goes on from it. Closed where that cannot be said.
 */
async function found(file: FileHandle, path: string): Promise<End> {
  try {
    await file.sync();
    await syncFolder(dirname(path));
    return await wholeEnd(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function wholeEnd(file: FileHandle, path: string): Promise<End> {
  const { size } = await file.stat();
  // An unfinished line, the last whole one, and the line break before that.
  const bytes = Buffer.alloc(Math.min(size, 2 * MAX_LINE_BYTES + 1));
  const start = size - bytes.length;
  await readAt(file, bytes, start);
  const stop = bytes.lastIndexOf(10);
  if (stop < 0) {
    if (start > 0) throw new ConsiliumError('STATE_CORRUPT', `${path}: expected lines, got none at its end`);
    return { offset: 0, last: undefined };
  }
  const begin = stop === 0 ? 0 : bytes.lastIndexOf(10, stop - 1) + 1;
  return { offset: start + stop + 1, last: bytes.toString('utf8', begin, stop) };
}

/** Fills `bytes` from `position` on, as far as the file goes. @returns how many were there. */
async function readAt(file: FileHandle, bytes: Buffer, position: number): Promise<number> {
  for (let done = 0; ; ) {
    if (done === bytes.length) return done;
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) return done;
    done += bytesRead;
  }
}
