import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileMemory } from '../../client/storage/memory-file.ts';
import { type Retention, type SiteMemory, transientMemory } from '../../client/storage/site-memory.ts';
import { memoryStore } from '../../server/storage/memory.ts';
import { folderStore } from '../../server/storage/sqlite.ts';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { canonicalJson } from '../../shared/study/canonical.ts';
import type { RunStorage } from './federation.ts';
import { decodeRecord, encodeRecord, type RunRecord } from './run-record.ts';

/** Where a simulation keeps what it has done, so that `--resume` repeats nothing that was finished. */
export interface RunStore {
  /**
   * Binds what is stored of a track to the data that it is made with. MUST come before anything else of that track.
   * @param data the fingerprint of each site's data.
   * @throws ConsiliumError `STATE_MISMATCH`, naming the sites, where the stored state was made with other data.
   */
  bindData(track: string, data: ReadonlyMap<SiteId, ContentHash>): Promise<void>;
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
  const found = options.mode === 'fresh' ? undefined : await readText(identityFile);
  // Without its identity it is what a crash left of a run that was being forgotten.
  if (found === undefined) await rm(folder, { recursive: true, force: true });
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
  const unwritten = new Map(found === undefined ? [[identityFile, options.identity]] : []);
  let begun = Promise.resolve();
  const begin = () => {
    begun = begun.then(async () => {
      if (unwritten.size > 0) await mkdir(folder, { recursive: true });
      for (const [path, text] of unwritten) {
        await writeAtomically(path, text);
        unwritten.delete(path);
      }
    });
    return begun;
  };
  const fileOf = (key: string) => join(folder, `${key.replaceAll(/[^a-z0-9.-]/g, '_')}.json`);
  return {
    async bindData(track, data) {
      const path = fileOf(`${track}.data`);
      const text = await readText(path);
      if (text === undefined) unwritten.set(path, canonicalJson(data));
      else refuseOtherData(readData(text, path), data, `${folder}: track ${track}`);
    },
    async load(key) {
      const text = await readText(fileOf(key));
      return text === undefined ? undefined : readRecord(text, fileOf(key));
    },
    async save(key, record) {
      await begin();
      await writeAtomically(fileOf(key), encodeRecord(record));
    },
    async durable(key, retention) {
      await begin();
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

/** Fingerprints by site, as {@link RunStore.bindData} wrote them. */
function readData(text: string, path: string): ReadonlyMap<string, unknown> {
  try {
    return new Map(Object.entries(JSON.parse(text)));
  } catch (cause) {
    throw new ConsiliumError('STATE_CORRUPT', `${path}: expected the data of a run, got something else`, {
      cause,
      hint: 'What the run was made with is not known any more: forget it by --fresh.',
    });
  }
}

/** @throws ConsiliumError `STATE_MISMATCH`, naming the sites that changed, came or went. */
function refuseOtherData(
  stored: ReadonlyMap<string, unknown>,
  data: ReadonlyMap<string, ContentHash>,
  where: string,
): void {
  const sites = [...new Set([...stored.keys(), ...data.keys()])].sort();
  const changes = sites.flatMap((site) => {
    if (!data.has(site)) return `none of ${site}`;
    if (!stored.has(site)) return `a new site ${site}`;
    return stored.get(site) === data.get(site) ? [] : `other data of ${site}`;
  });
  if (changes.length === 0) return;
  throw new ConsiliumError(
    'STATE_MISMATCH',
    `${where}: expected the data that the run was begun with, got ${changes.join(', ')}`,
    {
      hint: 'Put the tables back as they were and repeat --resume, or begin anew with those of now by --fresh.',
    },
  );
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
