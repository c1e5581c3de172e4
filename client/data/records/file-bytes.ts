import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { BrokenFile } from '../media/broken-file.ts';
import type { RecordLimits } from './record-source.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * The content of a file, unpacked where its name ends in `.gz`.
 * @throws BrokenFile `too-large` beyond the limit, before or after unpacking; `truncated` or `wrong-format` for damaged
 * gzip; `unreadable`.
 */
export async function readWhole(path: string, limits: RecordLimits): Promise<Buffer> {
  const packed = await readLimited(path, limits.fileBytes);
  if (!isGzip(path)) return packed;
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: limits.fileBytes });
  } catch (cause) {
    throw brokenStream(cause);
  }
}

/**
 * The lines of a file without their ends, unpacked where its name ends in `.gz`; undefined stands for a line beyond the
 * limit, which is never held as a whole.
 * @throws BrokenFile as {@link readWhole}, at the place where the damage is met.
 */
export async function* readLines(
  path: string,
  limits: RecordLimits,
): AsyncGenerator<Buffer | undefined, void, undefined> {
  let pieces: Buffer[] = [];
  let length = 0;
  let total = 0;
  try {
    for await (const chunk of unpacked(path)) {
      total += chunk.length;
      if (total > limits.streamBytes) throw tooLarge(limits.streamBytes);
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        length += end - start;
        pieces.push(chunk.subarray(start, end));
        yield length > limits.lineBytes ? undefined : withoutReturn(Buffer.concat(pieces));
        pieces = [];
        length = 0;
        start = end + 1;
      }
      length += chunk.length - start;
      if (length <= limits.lineBytes) pieces.push(chunk.subarray(start));
      else pieces = [];
    }
  } catch (cause) {
    throw brokenStream(cause);
  }
  if (length > 0) yield length > limits.lineBytes ? undefined : withoutReturn(Buffer.concat(pieces));
}

async function readLimited(path: string, most: number): Promise<Buffer> {
  const file = await open(path).catch((cause: unknown) => {
    throw brokenStream(cause);
  });
  try {
    const { size } = await file.stat();
    if (size > most) throw tooLarge(most);
    return await file.readFile();
  } catch (cause) {
    throw brokenStream(cause);
  } finally {
    await file.close();
  }
}

function unpacked(path: string): AsyncIterable<Buffer> {
  const raw = createReadStream(path);
  // A failure of either reaches the reader of the last: `pipeline` destroys it with the error.
  return isGzip(path) ? pipeline(raw, createGunzip(), () => undefined) : raw;
}

function isGzip(path: string): boolean {
  return /\.gz$/i.test(path);
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

function tooLarge(most: number): BrokenFile {
  return new BrokenFile('too-large', `expected at most ${most} bytes, got more`);
}

function brokenStream(cause: unknown): BrokenFile {
  if (cause instanceof BrokenFile) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return new BrokenFile('too-large', 'expected less after unpacking, got more', { cause });
  }
  if (code === 'Z_BUF_ERROR')
    return new BrokenFile('truncated', 'expected more of the gzip, got its end', { cause });
  if (code.startsWith('Z_'))
    return new BrokenFile('wrong-format', 'expected gzip, got other bytes', { cause });
  return new BrokenFile('unreadable', `expected a readable file, got ${code || 'a failure'}`, { cause });
}
