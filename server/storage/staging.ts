import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { CHUNK_BYTES, type Chunk, chunkLength, type UploadManifest } from '../../shared/protocol/transfer.ts';
import { DURABLE_STEP_BYTES } from '../../shared/transport/limits.ts';
import { decodeUploadManifest, encodeUploadManifest } from '../../shared/wire/transfer-codec.ts';

/** An upload by what it will be committed as. */
export interface UploadKey {
  readonly site: SiteId;
  readonly round: number;
  readonly contentHash: ContentHash;
}

/** Content on its way in: on disk, checked chunk by chunk, counting for nothing before its commit. */
export interface Staging {
  /** Bytes that are on the disk, a multiple of the chunk or the whole; 0 for what was never seen. */
  durableBytes(key: UploadKey): Promise<number>;
  /** Goes on with an upload, or begins it; another one of the same site is dropped. One at a time per key. */
  receive(manifest: UploadManifest): Promise<Receiving>;
  /** @throws ConsiliumError `WIRE_INVALID` unless all of it is there and is what its hash says. The bytes are the caller's. */
  take(key: UploadKey): Promise<{ readonly manifest: UploadManifest; readonly content: Uint8Array }>;
  drop(key: UploadKey): Promise<void>;
}

export interface Receiving {
  /** The offset wanted next. */
  readonly offset: number;
  /** @throws ConsiliumError `WIRE_INVALID` for another offset or length, or bytes that do not match their hash. */
  add(chunk: Chunk): Promise<void>;
  /** Syncs what was received. @returns the bytes that are durable now. */
  close(): Promise<number>;
}

/** @param folder made where it is missing; on a local disk. */
export async function staging(folder: string): Promise<Staging> {
  await mkdir(folder, { recursive: true });
  /** Since the coordinator started: what is older is checked before it is believed. */
  const known = new Map<string, number>();

  async function durable(key: UploadKey): Promise<number> {
    const name = nameOf(key);
    const counted = known.get(name);
    if (counted !== undefined) return counted;
    const manifest = await manifestOf(folder, name);
    const bytes = manifest === undefined ? 0 : await checkedBytes(join(folder, `${name}.part`), manifest);
    known.set(name, bytes);
    return bytes;
  }

  return {
    durableBytes: durable,
    async receive(manifest) {
      const name = nameOf(manifest);
      for (const other of await readdir(folder)) {
        if (!other.startsWith(`${manifest.site}.`) || other.startsWith(`${name}.`)) continue;
        await rm(join(folder, other), { force: true });
        known.delete(other.replace(/\.(part|manifest)$/, ''));
      }
      const offset = await durable(manifest);
      if (offset === 0) {
        await writeAtomically(join(folder, `${name}.manifest`), encodeUploadManifest(manifest), {
          mode: 0o600,
        });
      }
      return receiving(join(folder, `${name}.part`), manifest, offset, (bytes) => known.set(name, bytes));
    },
    async take(key) {
      const name = nameOf(key);
      const manifest = await manifestOf(folder, name);
      const bytes = await durable(key);
      if (manifest === undefined || bytes !== manifest.totalBytes) {
        throw new ConsiliumError(
          'WIRE_INVALID',
          `commit of ${key.site}: expected content that was uploaded whole, got ${bytes} bytes`,
        );
      }
      const content = await readFile(join(folder, `${name}.part`)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' && manifest.totalBytes === 0) return Buffer.alloc(0);
        throw error;
      });
      if (sha256(content) === key.contentHash) return { manifest, content };
      throw new ConsiliumError(
        'WIRE_INVALID',
        `commit of ${key.site}: the content is not what its hash says`,
      );
    },
    async drop(key) {
      const name = nameOf(key);
      known.delete(name);
      await rm(join(folder, `${name}.part`), { force: true });
      await rm(join(folder, `${name}.manifest`), { force: true });
    },
  };
}

function nameOf({ site, round, contentHash }: UploadKey): string {
  return `${site}.${round}.${contentHash}`;
}

async function manifestOf(folder: string, name: string): Promise<UploadManifest | undefined> {
  try {
    return decodeUploadManifest(await readFile(join(folder, `${name}.manifest`)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Bytes of the leading chunks that are whole and match their hashes: a power cut may leave others behind them. */
async function checkedBytes(path: string, manifest: UploadManifest): Promise<number> {
  let offset = 0;
  let held: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      held = Buffer.concat([held, piece as Buffer]);
      for (;;) {
        const length = chunkLength(manifest.totalBytes, offset);
        if (length === 0 || held.length < length) break;
        if (sha256(held.subarray(0, length)) !== manifest.chunkHashes[offset / CHUNK_BYTES]) return offset;
        held = held.subarray(length);
        offset += length;
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return offset;
}

async function receiving(
  path: string,
  manifest: UploadManifest,
  start: number,
  onDurable: (bytes: number) => void,
): Promise<Receiving> {
  const file = await open(path, start === 0 ? 'w' : 'r+', 0o600);
  let offset = start;
  let synced = start;
  async function sync(): Promise<void> {
    if (synced === offset) return;
    await file.sync();
    synced = offset;
    onDurable(offset);
  }
  return {
    get offset() {
      return offset;
    },
    async add(chunk) {
      const length = chunkLength(manifest.totalBytes, offset);
      const where = `upload of ${manifest.site}`;
      if (chunk.offset !== offset || chunk.data.length !== length || length === 0) {
        throw new ConsiliumError(
          'WIRE_INVALID',
          `${where}: expected ${length} bytes at ${offset}, got ${chunk.data.length} at ${chunk.offset}`,
        );
      }
      if (sha256(chunk.data) !== manifest.chunkHashes[offset / CHUNK_BYTES]) {
        throw new ConsiliumError(
          'WIRE_INVALID',
          `${where}: the chunk at ${offset} is not what its hash says`,
        );
      }
      await file.write(chunk.data, 0, length, offset);
      offset += length;
      if (offset - synced >= DURABLE_STEP_BYTES) await sync();
    },
    async close() {
      try {
        await sync();
        return synced;
      } finally {
        await file.close();
      }
    },
  };
}
