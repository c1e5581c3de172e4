import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeAtomically } from '../../shared/core/atomic-file.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';

/** Blocks that were downloaded, by content hash, so that what did not change is not fetched again. */
export interface BlockCache {
  /** Undefined where it is not there, or not what its name says any more. Given. */
  find(hash: ContentHash): Promise<Float32Array | undefined>;
  /** @param values Borrowed. @throws ConsiliumError `STATE_CORRUPT` where they are not what the hash says. */
  put(hash: ContentHash, values: Float32Array): Promise<void>;
}

/**
 * One file per block in `directory`; the least recently used are deleted beyond `maxBytes`. A block longer than that is
 * not kept at all.
 */
export function fileBlockCache(
  directory: string,
  options: { readonly maxBytes: number; readonly clock: Clock },
): BlockCache {
  const fileOf = (hash: ContentHash) => join(directory, hash);
  let turn: Promise<unknown> = Promise.resolve();

  async function write(hash: ContentHash, bytes: Uint8Array): Promise<void> {
    await makeFolder(directory, { mode: 0o700 });
    await makeRoom(directory, options.maxBytes - bytes.length);
    await writeAtomically(fileOf(hash), bytes, { mode: 0o600 });
    const used = options.clock.now() / 1000;
    await utimes(fileOf(hash), used, used);
  }

  return {
    async find(hash) {
      const path = fileOf(hash);
      const bytes = await readFile(path).catch(absent);
      if (bytes === undefined) return undefined;
      if (bytes.length % 4 !== 0 || sha256(bytes) !== hash) {
        await rm(path, { force: true });
        return undefined;
      }
      const used = options.clock.now() / 1000;
      // It may be deleted meanwhile to make room; the bytes are here.
      await utimes(path, used, used).catch(absent);
      return new Float32Array(Uint8Array.from(bytes).buffer);
    },
    async put(hash, values) {
      const bytes = bytesOf(values);
      if (sha256(bytes) !== hash) {
        throw new ConsiliumError(
          'STATE_CORRUPT',
          `block ${hash}: expected content of that hash, got another`,
        );
      }
      if (bytes.length > options.maxBytes) return;
      const written = turn.then(() => write(hash, bytes));
      turn = written.catch(() => undefined);
      return written;
    },
  };
}

/** The port, with blocks from the cache where they are there. */
export function withBlockCache(port: CoordinatorPort, cache: BlockCache): CoordinatorPort {
  return {
    ...port,
    async fetchBlock(hash) {
      const known = await cache.find(hash);
      if (known !== undefined) return known;
      const values = await port.fetchBlock(hash);
      await cache.put(hash, values);
      return values;
    },
  };
}

/** Deletes the least recently used files until at most `maxBytes` are left. */
async function makeRoom(directory: string, maxBytes: number): Promise<void> {
  const files = await Promise.all(
    (await readdir(directory)).map(async (name) => {
      const path = join(directory, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, mtimeMs };
    }),
  );
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= maxBytes) return;
    await rm(path, { force: true });
    total -= size;
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
