import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CacheClaim, claimFolder, isClaimed } from './cache-claim.ts';

/** A folder of the cache that only this process uses, and deletes when it ends. */
interface PrivateFolder {
  readonly folder: string;
  readonly claim: CacheClaim;
  isOpen: boolean;
}

/** By the name of what is prepared: sites that would share a cache then still do. */
const folders = new Map<string, PrivateFolder[]>();

/** A folder that was just made may not have its mark yet. */
const NEW_MS = 60_000;

/** Whether this process has begun one: for as long as it lives, its sites then share that. */
export function hasPrivateFolder(folder: string, name: string): boolean {
  return folders.has(join(folder, name));
}

/**
 * A folder beside the shared one that nobody has open; made if need be. What processes that were killed have left of
 * theirs is deleted.
 * @param folder of the cache. @param name of what is prepared.
 */
export function takePrivateFolder(
  folder: string,
  name: string,
): Pick<PrivateFolder, 'folder' | 'claim'> & { readonly release: () => void } {
  const key = join(folder, name);
  const known = folders.get(key) ?? [];
  const idle = known.find(({ isOpen }) => !isOpen);
  const mine = idle ?? made(key);
  if (idle === undefined) {
    if (folders.size === 0) process.once('exit', removeAll);
    folders.set(key, [...known, mine]);
    removeAbandoned(folder, `${name}-`, mine.folder);
  }
  mine.isOpen = true;
  return {
    folder: mine.folder,
    claim: mine.claim,
    release() {
      mine.isOpen = false;
    },
  };
}

function made(key: string): PrivateFolder {
  const folder = mkdtempSync(`${key}-`);
  const claim = claimFolder(folder);
  if (claim === undefined) throw new Error('a folder that was just made is nobody else’s');
  return { folder, claim, isOpen: false };
}

function removeAbandoned(folder: string, prefix: string, mine: string): void {
  const newest = statSync(mine).mtimeMs - NEW_MS;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(prefix) || path === mine) continue;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || stats.mtimeMs > newest || isClaimed(path, mine)) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function removeAll(): void {
  for (const { folder } of [...folders.values()].flat()) rmSync(folder, { recursive: true, force: true });
}
