import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileMemory } from '../../client/storage/memory-file.ts';
import { type Retention, type SiteMemory, transientMemory } from '../../client/storage/site-memory.ts';
import { memoryStore } from '../../server/storage/memory.ts';
import { folderStore } from '../../server/storage/sqlite.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { RunStorage } from './federation.ts';
import { decodeRecord, encodeRecord, type RunRecord } from './run-record.ts';

/** Where a simulation keeps what it has done, so that `--resume` repeats nothing that was finished. */
export interface RunStore {
  load(key: string): Promise<RunRecord | undefined>;
  save(key: string, record: RunRecord): Promise<void>;
  /** Survives a crash: the state of the coordinator and the sites of one federation. */
  durable(key: string, retention: Retention): Promise<RunStorage & { close(): Promise<void> }>;
  /** Everything was reported: nothing is left to resume. */
  discard(): Promise<void>;
}

/**
 * Opens the state of a simulation.
 * @param identity what the stored state must have been made with: study hashes, strategies, seeds, backend.
 * @throws ConsiliumError `STATE_MISMATCH` where unfinished state is there and `mode` does not say what to do with it,
 * or where it was made with something else.
 */
export async function runStore(
  folder: string,
  options: { readonly identity: string; readonly mode: 'start' | 'resume' | 'fresh' },
): Promise<RunStore> {
  const identityFile = join(folder, 'identity.json');
  if (options.mode === 'fresh') await rm(folder, { recursive: true, force: true });
  const found = await readText(identityFile);
  if (found !== undefined && options.mode === 'start') {
    throw new ConsiliumError('STATE_MISMATCH', `${folder}: expected no unfinished run, found one`, {
      hint: 'Go on with it by --resume, or forget it by --fresh.',
    });
  }
  if (found !== undefined && found !== options.identity) {
    throw new ConsiliumError(
      'STATE_MISMATCH',
      `${folder}: expected a run of this study with these settings, found another`,
      {
        hint: 'Repeat the command that was stopped, with --resume; or forget that run by --fresh.',
      },
    );
  }
  // Nothing is written before there is something to resume: a run whose data were refused leaves nothing to forget.
  let begun = found === undefined ? undefined : Promise.resolve();
  const begin = async () => {
    await mkdir(folder, { recursive: true });
    await writeWhole(identityFile, options.identity);
  };
  const fileOf = (key: string) => join(folder, `${key.replaceAll(/[^a-z0-9.-]/g, '_')}.json`);
  return {
    async load(key) {
      const text = await readText(fileOf(key));
      return text === undefined ? undefined : readRecord(text, fileOf(key));
    },
    async save(key, record) {
      begun ??= begin();
      await begun;
      await writeWhole(fileOf(key), encodeRecord(record));
    },
    async durable(key, retention) {
      begun ??= begin();
      await begun;
      const home = join(folder, key.replaceAll(/[^a-z0-9.-]/g, '_'));
      const store = await folderStore(join(home, 'coordinator'));
      return {
        store,
        memory: remembered((site) => fileMemory(join(home, 'sites', site), retention)),
        close: () => store.events.close(),
      };
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Lives as long as the process: for baselines, which are repeated when a run is resumed. */
export function transientStorage(retention: Retention): RunStorage {
  return { store: memoryStore(), memory: remembered(() => transientMemory(retention)) };
}

function remembered(make: (site: SiteId) => SiteMemory): (site: SiteId) => SiteMemory {
  const memories = new Map<SiteId, SiteMemory>();
  return (site) => {
    const memory = memories.get(site) ?? make(site);
    memories.set(site, memory);
    return memory;
  };
}

function readRecord(text: string, path: string): RunRecord {
  try {
    return decodeRecord(text);
  } catch (cause) {
    throw new ConsiliumError('STATE_CORRUPT', `${path}: expected the record of a run, got something else`, {
      cause,
      hint: 'Delete the file and use --resume: that one run is repeated.',
    });
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** The old file or the new one, whatever happens in between. */
async function writeWhole(path: string, text: string): Promise<void> {
  const staged = `${path}.part`;
  const file = await open(staged, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(staged, path);
}
