import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a whole file durably: at every moment the path holds the old file or the new one, and once this returns the
 * new one outlives a crash. Written to `<path>.part`, synced, renamed, and its folder synced. A failure takes the
 * `.part` away again; what a crash leaves of it, the next write replaces. One writer per path at a time.
 * @param path in a folder that exists, on a local disk.
 * @param options.mode permissions, by default those of any new file.
 * @throws the error of the file system, as it is.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const staged = `${path}.part`;
  try {
    const file = await open(staged, 'w', options.mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a rename, or a new file, within `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
