import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, syncFolder, writeAll, writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { reached } from '../../shared/core/failpoint.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256, sha256Stream } from '../../shared/crypto/hash.ts';
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
  /** Goes on with an upload, or begins it; another one of the same site, or with another manifest, is dropped. One at a time per key. */
  receive(manifest: UploadManifest): Promise<Receiving>;
  /**
   * The whole content, read and hashed in slices.
   * @param memory where it is put if it is long enough, else in new memory. The caller's, before and after.
   * @throws ConsiliumError `WIRE_INVALID` unless all of it is there and is what its hash says.
   */
  take(
    key: UploadKey,
    memory?: Uint8Array,
  ): Promise<{ readonly manifest: UploadManifest; readonly content: Uint8Array }>;
  /** Gives the file of an upload that is whole to `receiver`, and forgets the upload whatever comes of that. */
  handOver(key: UploadKey, receiver: (path: string) => Promise<void>): Promise<void>;
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

const SLICE_BYTES = 4 * CHUNK_BYTES;
const NOTHING = new Uint8Array();

/** @param folder made where it is missing; on a local disk. */
export async function staging(folder: string): Promise<Staging> {
  await makeFolder(folder);
  /** Since the coordinator started: what is older is checked before it is believed. */
  const known = new Map<string, number>();

  async function durable(key: UploadKey): Promise<number> {
    const name = nameOf(key);
    const counted = known.get(name);
    if (counted !== undefined) return counted;
    const manifest = await manifestOf(folder, name);
    // Not remembered: who asks for what is not there must not fill the memory.
    if (manifest === undefined) return 0;
    const bytes = await checkedBytes(join(folder, `${name}.part`), manifest);
    known.set(name, bytes);
    return bytes;
  }

  async function drop(key: UploadKey): Promise<void> {
    const name = nameOf(key);
    known.delete(name);
    await rm(join(folder, `${name}.part`), { force: true });
    await rm(join(folder, `${name}.manifest`), { force: true });
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
      const bytes = manifestFile(manifest);
      const file = join(folder, `${name}.manifest`);
      if (Buffer.compare((await bytesOf(file)) ?? NOTHING, bytes) !== 0) {
        known.set(name, 0);
        await writeAtomically(file, bytes, { mode: 0o600 });
      }
      const offset = await durable(manifest);
      return receiving(join(folder, `${name}.part`), manifest, offset, (bytes) => known.set(name, bytes));
    },
    async take(key, memory) {
      const name = nameOf(key);
      const manifest = await manifestOf(folder, name);
      const bytes = await durable(key);
      if (manifest === undefined || bytes !== manifest.totalBytes) {
        throw new ConsiliumError(
          'WIRE_INVALID',
          `commit of ${key.site}: expected content that was uploaded whole, got ${bytes} bytes`,
        );
      }
      const content =
        memory !== undefined && memory.length >= bytes
          ? memory.subarray(0, bytes)
          : new Uint8Array(new ArrayBuffer(bytes));
      const found = await readInto(join(folder, `${name}.part`), content);
      if (found === key.contentHash) return { manifest, content };
      throw new ConsiliumError(
        'WIRE_INVALID',
        `commit of ${key.site}: the content is not what its hash says`,
      );
    },
    async handOver(key, receiver) {
      try {
        await receiver(join(folder, `${nameOf(key)}.part`));
      } finally {
        await drop(key);
      }
    },
    drop,
  };
}

/** Fills `content` from the start of a file, a slice at a time. @returns the hash of what it holds then. */
async function readInto(path: string, content: Uint8Array): Promise<ContentHash> {
  const hash = sha256Stream();
  if (content.length === 0) return hash.digest();
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < content.length; ) {
      const { bytesRead } = await file.read(content, at, Math.min(SLICE_BYTES, content.length - at), at);
      if (bytesRead === 0) break;
      hash.update(content.subarray(at, at + bytesRead));
      at += bytesRead;
    }
    return hash.digest();
  } finally {
    await file.close();
  }
}

function nameOf({ site, round, contentHash }: UploadKey): string {
  return `${site}.${round}.${contentHash}`;
}

/** A manifest behind its hash: what a commit says of the content is in it alone. */
function manifestFile(manifest: UploadManifest): Uint8Array {
  const bytes = encodeUploadManifest(manifest);
  return Buffer.concat([Buffer.from(sha256(bytes), 'hex'), bytes]);
}

const HASH_BYTES = 32;

/** Undefined also for a manifest that is not what it was: the upload begins anew. */
async function manifestOf(folder: string, name: string): Promise<UploadManifest | undefined> {
  const file = await bytesOf(join(folder, `${name}.manifest`));
  if (file === undefined) return undefined;
  const [hash, bytes] = [file.subarray(0, HASH_BYTES), file.subarray(HASH_BYTES)];
  return Buffer.compare(Buffer.from(sha256(bytes), 'hex'), hash) === 0
    ? decodeUploadManifest(bytes)
    : undefined;
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
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
    await reached('synced', path);
    // The file may be new.
    if (synced === 0) await syncFolder(dirname(path));
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
      await reached('begin', path);
      await writeAll(file, chunk.data, offset);
      await reached('written', path);
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
