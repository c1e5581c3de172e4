import { dirname, join } from 'node:path';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { SetAside } from '../set-aside.ts';
import type { BrokenReason } from './broken-file.ts';
import type { CachedFile, CachedRows } from './cache-index.ts';
import type { DecodePool } from './decode-pool.ts';
import type { DecodeTask, OtherFile } from './decode-task.ts';
import { fileState } from './file-state.ts';
import { mainFile } from './main-file.ts';
import type { MediaCache } from './media-cache.ts';
import { pause } from './pause.ts';

/** Files of one modality as rows of the cache, decoded where it does not have them. */
export interface FileReader {
  /** Undefined for a file that is set aside; its reader asks for it only once. */
  read(path: string): Promise<CachedRows | undefined>;
  /** How many different ones could be read. */
  filesRead(): number;
  /** Sorted by file. */
  setAside(): readonly SetAside[];
}

/** Files looked at without a pause, so that other events of the process are heard in between. */
const FILES_PER_PAUSE = 256;

/** What says nothing of the file as such, and may be over the next time. */
const PASSING: ReadonlySet<BrokenReason> = new Set([
  'timeout',
  'unreadable',
  'outside-folder',
  'reader-failed',
]);

export function fileReader(
  task: Omit<DecodeTask, 'path'>,
  how: {
    readonly cache: MediaCache;
    readonly pool: DecodePool;
    readonly signal: AbortSignal | undefined;
  },
): FileReader {
  const { cache, pool, signal } = how;
  const { folder, readPatientId } = task;
  const broken = new Map<string, BrokenReason>();
  const whole = new Set<string>();
  let asked = 0;

  const known = (stamp: string, main: string): CachedFile | undefined => {
    const entry = cache.known(stamp);
    if (entry === undefined || !areUnchanged(entry.others, folder, dirname(main))) return undefined;
    return entry.kind === 'rows' && readPatientId && entry.patientId === undefined ? undefined : entry;
  };
  const decode = async (stamp: string, path: string): Promise<CachedFile> => {
    const answer = await pool.decode({ ...task, path }, signal);
    return !answer.ok && PASSING.has(answer.reason)
      ? { kind: 'broken', reason: answer.reason, others: answer.others }
      : cache.add(stamp, answer);
  };
  return {
    async read(path) {
      signal?.throwIfAborted();
      if (broken.has(path)) return undefined;
      if (++asked % FILES_PER_PAUSE === 0) await pause();
      const main = mainFile({ ...task, path });
      const stamp = sha256([folder, path, fileState(folder, main)].join('\n'));
      const entry = known(stamp, main) ?? (await decode(stamp, path));
      if (entry.kind === 'rows') {
        whole.add(path);
        return entry;
      }
      broken.set(path, entry.reason);
      return undefined;
    },
    filesRead: () => whole.size,
    setAside() {
      const entries = [...broken].map(([file, reason]): SetAside => ({ file, reason, parts: undefined }));
      return entries.sort((a, b) => (a.file < b.file ? -1 : 1));
    },
  };
}

function areUnchanged(others: readonly OtherFile[], folder: string, home: string): boolean {
  return others.every(({ path, state }) => fileState(folder, join(home, path)) === state);
}
