import { access, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, moveDurably, syncFolder, writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type ContentHash, contentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { BlobStore } from './ports.ts';

/**
 * Files named by their SHA-256, two letters to a folder. A blob is written to `staging/`, synced, renamed, and its
 * folder synced: what carries a blob's name is whole, whenever the power goes. Leftovers in `staging/` are deleted
 * on opening.
 * @param root a folder on a local disk; made if it is not there.
 * @throws ConsiliumError `FILE_UNREADABLE`.
 */
export async function fileBlobs(root: string): Promise<BlobStore> {
  const staging = join(root, 'staging');
  const pathOf = (hash: ContentHash) => blobPath(root, hash);
  let staged = 0;
  try {
    await rm(staging, { recursive: true, force: true });
    await makeFolder(staging);
  } catch (cause) {
    throw new ConsiliumError('FILE_UNREADABLE', `${root}: cannot be used as a folder of blobs`, { cause });
  }
  return {
    durable: true,
    async put(bytes) {
      const hash = sha256(bytes);
      const path = pathOf(hash);
      if (await exists(path)) {
        // A process that died may have renamed it and no more.
        await syncFolder(dirname(path));
        return hash;
      }
      await makeFolder(dirname(path));
      staged += 1;
      await writeAtomically(path, bytes, { staged: join(staging, `${hash}.${staged}`) });
      return hash;
    },
    async takeOver({ path: from, hash }) {
      const path = pathOf(hash);
      await makeFolder(dirname(path));
      await moveDurably(from, path);
    },
    get: (hash) => readBlob(root, hash),
    has: (hash) => exists(pathOf(hash)),
    async retainOnly(keep) {
      for (const folder of await readdir(root)) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        for (const name of await readdir(join(root, folder))) {
          if (!keep.has(contentHash(name))) await rm(join(root, folder, name), { force: true });
        }
      }
    },
  };
}

/** As {@link BlobStore.get}, of a folder that another process may have open; nothing is written. */
export async function readBlob(root: string, hash: ContentHash): Promise<Uint8Array> {
  const bytes = await readFile(blobPath(root, hash)).catch((cause: unknown) => {
    throw new ConsiliumError('STATE_CORRUPT', `blob ${hash}: cannot be read`, { cause });
  });
  if (sha256(bytes) !== hash) {
    throw new ConsiliumError('STATE_CORRUPT', `blob ${hash}: its bytes do not match its name`);
  }
  // A small file may lie in a shared buffer at any offset; words need a multiple of 4.
  return bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
}

function blobPath(root: string, hash: ContentHash): string {
  return join(root, hash.slice(0, 2), hash);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
