import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { reached } from './failpoint.ts';

/**
 * Writes a whole file durably: at every moment the path holds the old file or the new one, and once this returns the
 * new one outlives a crash. Written beside it, synced, renamed, and its folder synced. A failure takes what was
 * written away again; what a crash leaves of it, the next write replaces. One writer per path at a time.
 * @param path in a folder that exists, on a local disk.
 * @param options.mode permissions, by default those of any new file.
 * @param options.staged where it is written first, on the same disk; `<path>.part` by default.
 * @throws the error of the file system, as it is.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number; readonly staged?: string } = {},
): Promise<void> {
  const { staged = `${path}.part` } = options;
  try {
    await reached('begin', staged);
    const file = await open(staged, 'w', options.mode);
    try {
      await file.writeFile(content);
      await reached('written', staged);
      await file.sync();
      await reached('synced', staged);
    } finally {
      await file.close();
    }
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  await settle(path);
}

/**
 * Has a file that is on the disk already stand at `path`, in a folder that exists on the same disk, as durably as
 * {@link writeAtomically} does.
 * @throws the error of the file system, as it is.
 */
export async function moveDurably(from: string, path: string): Promise<void> {
  await reached('begin', path);
  await rename(from, path);
  await settle(path);
}

async function settle(renamed: string): Promise<void> {
  await reached('renamed', renamed);
  await syncFolder(dirname(renamed));
}

/** Makes a rename, or a new file, within `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await reached('settled', folder);
}

/** Makes a folder, and those above it that are missing, durably. @param options.mode of each folder that is made. */
export async function makeFolder(path: string, options: { readonly mode?: number } = {}): Promise<void> {
  const first = await mkdir(path, { recursive: true, ...options });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === top) return;
  }
}

/** Writes all of `bytes` at an offset: one write may take in less. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
