import { readFile, rm } from 'node:fs/promises';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { linkEvents, NO_EVENT } from './event-chain.ts';
import type { BlobStore, EventStore, StoredEvent, StudyStore } from './ports.ts';

/** Lives as long as its process: for simulations without `--resume`, and for tests. */
export function memoryStore(): StudyStore {
  return { events: memoryEvents(), blobs: memoryBlobs() };
}

export function memoryEvents(): EventStore {
  const stored: StoredEvent[] = [];
  const keys = new Set<string>();
  return {
    async append(events) {
      const fresh = new Set(events.map(({ key }) => key));
      const taken = events.find(({ key }) => keys.has(key));
      if (taken !== undefined || fresh.size !== events.length) {
        throw new ConsiliumError(
          'STATE_MISMATCH',
          `event key ${taken?.key ?? 'of the batch'}: stored already`,
        );
      }
      stored.push(...linkEvents(events, stored.at(-1)));
      for (const key of fresh) keys.add(key);
    },
    read: async (afterSeq = 0) => stored.slice(afterSeq),
    head: async () => stored.at(-1) ?? NO_EVENT,
    close: async () => {},
  };
}

/** Keeps the very arrays that it is given: nothing is copied. */
export function memoryBlobs(): BlobStore {
  const blobs = new Map<ContentHash, Uint8Array>();
  return {
    durable: false,
    async put(bytes) {
      const hash = sha256(bytes);
      if (!blobs.has(hash)) blobs.set(hash, bytes);
      return hash;
    },
    async takeOver({ path, hash }) {
      blobs.set(hash, await readFile(path));
      await rm(path);
    },
    async get(hash) {
      const bytes = blobs.get(hash);
      if (bytes === undefined) throw new ConsiliumError('STATE_CORRUPT', `blob ${hash}: missing`);
      return bytes;
    },
    has: async (hash) => blobs.has(hash),
    async retainOnly(keep) {
      for (const hash of blobs.keys()) if (!keep.has(hash)) blobs.delete(hash);
    },
  };
}
