import { bytesOf } from '../../shared/core/bytes.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import type { BlobStore } from '../storage/ports.ts';

/** Typed arrays as blobs: their little-endian bytes, nothing before or behind. */
export interface TensorBlobs {
  /** The array is Given: nobody writes to it again. */
  put(values: Float32Array | Int32Array): Promise<ContentHash>;
  putBytes(bytes: Uint8Array): Promise<ContentHash>;
  takeOver: BlobStore['takeOver'];
  /** Borrowed. */
  bytes(hash: ContentHash): Promise<Uint8Array>;
  /** Borrowed. Blocks that were put or read lately come from memory. */
  float32(hash: ContentHash): Promise<Float32Array>;
  int32(hash: ContentHash): Promise<Int32Array>;
  /** Forgets what is not named, here and in the store. */
  retainOnly(keep: ReadonlySet<ContentHash>, inMemory: ReadonlySet<ContentHash>): Promise<void>;
}

export function tensorBlobs(store: BlobStore): TensorBlobs {
  const cache = new Map<ContentHash, Float32Array>();
  return {
    async put(values) {
      const hash = await store.put(bytesOf(values));
      if (values instanceof Float32Array) cache.set(hash, values);
      return hash;
    },
    putBytes: (bytes) => store.put(bytes),
    takeOver: (file) => store.takeOver(file),
    bytes: (hash) => store.get(hash),
    async float32(hash) {
      const cached = cache.get(hash);
      if (cached !== undefined) return cached;
      const bytes = await words(store, hash);
      const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      cache.set(hash, values);
      return values;
    },
    async int32(hash) {
      const bytes = await words(store, hash);
      return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    },
    async retainOnly(keep, inMemory) {
      for (const hash of cache.keys()) if (!inMemory.has(hash)) cache.delete(hash);
      await store.retainOnly(keep);
    },
  };
}

async function words(store: BlobStore, hash: ContentHash): Promise<Uint8Array> {
  const bytes = await store.get(hash);
  if (bytes.byteLength % 4 === 0) return bytes;
  throw new ConsiliumError(
    'STATE_CORRUPT',
    `blob ${hash}: expected 32-bit words, got ${bytes.byteLength} bytes`,
  );
}
