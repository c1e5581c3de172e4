import {
  existsSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SeededRandom } from '../../shared/core/random.ts';

/**
 * What of a folder would outlive a power cut: the bytes of a file as they were synced last, the names in a folder as they
 * were when that was synced last. All that is there at first is safe. Files that SQLite or a lock owns are not judged.
 * What counts is the call to `sync` itself, of the handle of any file, and not what the code says of it.
 */
export interface Disk {
  /** The folder after a power cut now, at `to`: what was not synced is there, is not, or is torn, each by itself. */
  lose(to: string, random: SeededRandom): void;
  /** Syncs are watched no longer. */
  end(): void;
}

type Entry = { readonly kind: 'file' | 'folder'; readonly id: number };
type Names = ReadonlyMap<string, Entry>;

interface Seen {
  /** By id of the folder. */
  readonly names: ReadonlyMap<number, Names>;
  /** By id of the file. */
  readonly bytes: ReadonlyMap<number, Buffer>;
}

export function recordedDisk(root: string): Disk {
  /** Numbers of inodes are used again once they are free; ids are not. */
  let ids = new Map<number, number>();
  let next = 1;
  let now = look();
  const names = new Map(now.names);
  const bytes = new Map(now.bytes);

  function look(): Seen {
    const found = new Map<number, number>();
    const seen = { names: new Map<number, Names>(), bytes: new Map<number, Buffer>() };
    const idOf = (path: string) => {
      const { ino } = statSync(path);
      const id = found.get(ino) ?? ids.get(ino) ?? next++;
      found.set(ino, id);
      return id;
    };
    const walk = (folder: string) => {
      const entries = new Map<string, Entry>();
      seen.names.set(idOf(folder), entries);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (/\.(sqlite|lock)/.test(entry.name)) continue;
        const path = join(folder, entry.name);
        const id = idOf(path);
        entries.set(entry.name, { kind: entry.isDirectory() ? 'folder' : 'file', id });
        if (entry.isDirectory()) walk(path);
        else seen.bytes.set(id, readFileSync(path));
      }
    };
    walk(root);
    ids = found;
    return seen;
  }

  function idAt(path: string): number {
    return ids.get(statSync(path).ino) as number;
  }

  const end = watchSyncs((ino) => {
    now = look();
    const id = ids.get(ino);
    if (id === undefined) return;
    const [synced, settled] = [now.bytes.get(id), now.names.get(id)];
    if (synced !== undefined) bytes.set(id, synced);
    if (settled !== undefined) names.set(id, settled);
  });

  return {
    end,
    lose(to, random) {
      end();
      now = look();
      const build = (id: number, at: string) => {
        mkdirSync(at, { recursive: true });
        const [safe, current] = [names.get(id), now.names.get(id)];
        for (const name of new Set([...(safe?.keys() ?? []), ...(current?.keys() ?? [])])) {
          const [before, after] = [safe?.get(name), current?.get(name)];
          const entry = before?.id === after?.id || random.below(2) === 0 ? after : before;
          if (entry?.kind === 'folder') build(entry.id, join(at, name));
          if (entry?.kind === 'file') writeFileSync(join(at, name), surviving(entry.id));
        }
      };
      const surviving = (id: number): Buffer => {
        const safe = bytes.get(id) ?? Buffer.alloc(0);
        const current = now.bytes.get(id) ?? safe;
        if (current.equals(safe)) return safe;
        const fates = [() => safe, () => current, () => torn(safe, current), () => zeroed(safe, current)];
        return (fates[random.below(fates.length)] as () => Buffer)();
      };
      const torn = (safe: Buffer, current: Buffer) => {
        const kept = sharedLength(safe, current);
        return current.subarray(0, kept + random.below(current.length - kept + 1));
      };
      /** The length came through and some of the bytes did not. */
      const zeroed = (safe: Buffer, current: Buffer) => {
        const lost = Buffer.from(current);
        const from = sharedLength(safe, current);
        return lost.fill(0, from + random.below(current.length - from + 1));
      };
      build(idAt(root), to);
    },
  };
}

const probe = await open(import.meta.filename);
const handles = Object.getPrototypeOf(probe) as FileHandle;
await probe.close();

/** @param onSync told of the inode of each file or folder of this process that was synced. @returns what ends the watch. */
function watchSyncs(onSync: (ino: number) => void): () => void {
  const { sync } = handles;
  handles.sync = async function (this: FileHandle) {
    await sync.call(this);
    onSync(fstatSync(this.fd).ino);
  };
  return () => {
    handles.sync = sync;
  };
}

function sharedLength(a: Buffer, b: Buffer): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

/** Whether a path is below a folder, or is it. */
export function isWithin(path: string, folder: string): boolean {
  return `${resolve(path)}/`.startsWith(`${resolve(folder)}/`);
}

/** A folder for files that live as long as a test: in memory where there is such a disk, since what is lost is played. */
export function quickDisk(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}
