import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeAtomically } from '../../shared/core/atomic-file.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, blockId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Retention, SiteMemory } from './site-memory.ts';

/**
 * One file per round in `directory`: a line of JSON (blocks, lengths, hash), then float32 little-endian values.
 * A crash leaves the old file or the new one.
 */
export function fileMemory(directory: string, retention: Retention): SiteMemory {
  return {
    async after(round) {
      return read((await rounds(directory)).filter((saved) => saved <= round).at(-1));
    },
    async save(round, blocks) {
      await makeFolder(directory);
      await writeAtomically(fileOf(round), encode(blocks), { mode: 0o600 });
      const saved = await rounds(directory);
      const later = saved.filter((each) => each > round);
      const outdated = retention === 'all' ? [] : saved.filter((each) => each < round).slice(0, -2);
      for (const each of [...later, ...outdated]) await rm(fileOf(each), { force: true });
    },
  };

  function fileOf(round: number): string {
    return join(directory, `round-${String(round).padStart(6, '0')}.bin`);
  }

  async function read(round: number | undefined): Promise<ReadonlyMap<BlockId, Float32Array>> {
    if (round === undefined) return new Map();
    const path = fileOf(round);
    return decode(await readFile(path), path);
  }
}

async function rounds(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .map((name) => /^round-(\d{6,})\.bin$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** What the first line says of the values behind it. */
interface Head {
  readonly blocks: readonly { readonly id: string; readonly length: number }[];
  /** Over `blocks` as JSON, then the values. */
  readonly hash: string;
}

function encode(blocks: ReadonlyMap<BlockId, Float32Array>): Uint8Array {
  const parts = [...blocks].map(([id, values]) => ({ id, length: values.length, bytes: bytesOf(values) }));
  const body = Buffer.concat(parts.map(({ bytes }) => bytes));
  const named = parts.map(({ id, length }) => ({ id, length }));
  const head: Head = { blocks: named, hash: hashOf(named, body) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

function decode(bytes: Uint8Array, path: string): ReadonlyMap<BlockId, Float32Array> {
  const end = bytes.indexOf(10);
  const body = bytes.subarray(end + 1);
  const head = parseHead(bytes.subarray(0, Math.max(end, 0)));
  if (head === undefined) throw corrupt(path, 'expected a line of JSON at the start');
  if (head.hash !== hashOf(head.blocks, body)) {
    throw corrupt(path, `expected content with hash ${head.hash}, got another`);
  }
  const blocks = new Map<BlockId, Float32Array>();
  let offset = 0;
  for (const { id, length } of head.blocks) {
    const size = length * Float32Array.BYTES_PER_ELEMENT;
    // A copy: the file's bytes need not start at a multiple of four.
    blocks.set(blockId(id), new Float32Array(Uint8Array.from(body.subarray(offset, offset + size)).buffer));
    offset += size;
  }
  return blocks;
}

function parseHead(line: Uint8Array): Head | undefined {
  try {
    const head = JSON.parse(Buffer.from(line).toString()) as Partial<Head> | null;
    return Array.isArray(head?.blocks) && typeof head.hash === 'string' ? (head as Head) : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(blocks: Head['blocks'], body: Uint8Array): string {
  return sha256(Buffer.from(JSON.stringify(blocks)), body);
}

function corrupt(path: string, what: string): ConsiliumError {
  return new ConsiliumError('STATE_CORRUPT', `${path}: ${what}`, {
    hint: 'Restore the file from a backup, or start the study afresh at this site.',
  });
}
