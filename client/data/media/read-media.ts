import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModalityId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { inputShape } from '../../../shared/model/inputs.ts';
import { canonicalJson } from '../../../shared/study/canonical.ts';
import type { ModalityValues } from '../cohort.ts';
import { packInstances } from '../rows.ts';
import type { SetAside } from '../set-aside.ts';
import type { DecodePool } from './decode-pool.ts';
import type { DecodeTask, MediaFacts } from './decode-task.ts';
import { listAll, listByPath, type MediaList } from './list-media.ts';
import { type CachedFile, type MediaCache, openMediaCache } from './media-cache.ts';
import type { MediaModality, MediaSource } from './media-source.ts';

/** A modality as read from its files, and what the data check says of them. */
export interface MediaIntake {
  readonly values: ModalityValues;
  /** Files that were set aside. */
  readonly broken: readonly SetAside[];
  /** Files of nobody in the cohort. */
  readonly stray: number;
  /** How often each fact was seen: `orientation` → `axial` → 12. */
  readonly facts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface ReadMediaOptions {
  /** Real path of the data folder. */
  readonly folder: string;
  readonly patientIds: readonly string[];
  /** Below it, decoded files are kept. */
  readonly cacheDir: string;
  readonly pool: DecodePool;
  /** Stops between files, with the cache in order. */
  readonly signal?: AbortSignal;
  /** After each patient: how many of them are read. */
  readonly onProgress?: (progress: { modality: ModalityId; done: number; total: number }) => void;
}

/** Decoded since the last flush of the cache, at most: what a crash can cost. */
const FILES_PER_FLUSH = 256;

/**
 * Reads the images or recordings of the patients through the cache, decoding what it does not have in `pool`. Of a
 * patient with more files than the study uses, images are taken evenly from all, recordings from the end; where one is
 * broken, the next one stands in.
 * @param list the files by patient, or undefined to find them as `source` says.
 */
export async function readMedia(
  modality: Extract<MediaModality, { kind: 'image' | 'signal' }>,
  source: MediaSource,
  list: MediaList | undefined,
  options: ReadMediaOptions,
): Promise<MediaIntake> {
  const itemShape = inputShape(modality);
  const rowBytes = 4 * itemShape.reduce((product, length) => product * length, 1);
  const { id: _, filters: _f, depth: _d, augment: _a, ...shape } = { recurrent: false, ...modality };
  const { allowBurnedIn, csv, format } = source;
  const preparation = canonicalJson({ ...shape, allowBurnedIn, csv, format });
  const cache = openMediaCache(options.cacheDir, preparation, rowBytes);
  try {
    const reader = fileReader(modality, source, { ...options, cache });
    const found = list ?? (await find(source, reader, options));
    const taken: (readonly Taken[])[] = [];
    let done = 0;
    await inParallel(found.perPatient, options.pool.width, async (files, i) => {
      options.signal?.throwIfAborted();
      taken[i] = await takeFiles(files, modality, reader);
      done++;
      options.onProgress?.({ modality: modality.id, done, total: found.perPatient.length });
    });
    return intakeOf(taken, { itemShape, cache, stray: found.stray, broken: reader.broken });
  } finally {
    cache.close();
  }
}

/** Rows of one file that a patient gets. */
interface Taken {
  readonly content: string;
  readonly rows: readonly number[];
  readonly facts: MediaFacts;
}

interface FileReader {
  /** Undefined for a file that is set aside. */
  read(path: string): Promise<Extract<CachedFile, { kind: 'rows' }> | undefined>;
  readonly broken: readonly SetAside[];
}

function fileReader(
  modality: DecodeTask['modality'],
  source: MediaSource,
  options: ReadMediaOptions & { readonly cache: MediaCache },
): FileReader {
  const { cache, folder, pool } = options;
  const broken = new Map<string, SetAside>();
  const readPatientId = source.from.kind === 'found' && source.from.patient === 'header';
  const { format, allowBurnedIn, csv } = source;
  let since = 0;
  return {
    get broken() {
      return [...broken.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
    },
    async read(path) {
      const stamp = stampOf(folder, path);
      const known = stamp === undefined ? undefined : cache.known(stamp);
      const isUsable =
        known !== undefined && (known.kind === 'broken' || !readPatientId || known.patientId !== undefined);
      let entry = isUsable ? known : undefined;
      if (entry === undefined) {
        const task = { folder, path, modality, format, allowBurnedIn, readPatientId, csv };
        const answer = await pool.decode(task);
        const isLasting = answer.ok || (answer.reason !== 'timeout' && answer.reason !== 'unreadable');
        entry =
          stamp !== undefined && isLasting
            ? cache.add(stamp, answer)
            : { kind: 'broken', reason: answer.ok ? 'unreadable' : answer.reason };
        if (++since % FILES_PER_FLUSH === 0) cache.flush();
      }
      if (entry.kind === 'rows') return entry;
      broken.set(path, { file: path, reason: entry.reason, parts: undefined });
      return undefined;
    },
  };
}

/** The state of a file, and of what may lie beside it under the same name, as a recording's samples do. */
function stampOf(folder: string, path: string): string | undefined {
  const parts = [path, `${path}.hea`, path.replace(/\.hea$/i, '.dat'), `${path}.dat`].map((each) => {
    const stats = statSync(join(folder, each), { throwIfNoEntry: false });
    return stats === undefined ? '' : `${stats.size} ${stats.mtimeMs} ${stats.ino}`;
  });
  return parts.every((part) => part === '') ? undefined : sha256([folder, path, ...parts].join('\n'));
}

/** Finds the files of a source without rows of its own. */
async function find(source: MediaSource, reader: FileReader, options: ReadMediaOptions): Promise<MediaList> {
  const { folder, patientIds, pool } = options;
  if (source.from.kind !== 'found') throw new Error('read media: expected a list of files');
  if (source.from.patient === 'path') return listByPath(folder, source.from.patterns, patientIds);
  const index = new Map(patientIds.map((id, i) => [id, i]));
  const perPatient = patientIds.map((): string[] => []);
  const files = listAll(folder, source.from.patterns);
  const owners: (number | undefined)[] = [];
  await inParallel(files, pool.width, async (file, i) => {
    options.signal?.throwIfAborted();
    const entry = await reader.read(file);
    owners[i] = entry === undefined ? -1 : index.get((entry.patientId ?? '').trim());
  });
  let stray = 0;
  files.forEach((file, i) => {
    const owner = owners[i];
    if (owner === undefined) stray++;
    else perPatient[owner]?.push(file);
  });
  return { perPatient, stray };
}

/** The files of one patient that are used: the wanted ones, and others in the place of those that are broken. */
async function takeFiles(
  files: readonly string[],
  modality: MediaModality,
  reader: FileReader,
): Promise<readonly Taken[]> {
  const most = modality.instances;
  const wanted = modality.kind === 'image' ? evenly(files.length, most) : lastOf(files.length, most);
  const others = files.map((_, i) => i).filter((i) => !wanted.includes(i));
  const taken = new Map<number, Taken>();
  let rows = 0;
  for (const i of [...wanted, ...others]) {
    if (rows >= most) break;
    const entry = await reader.read(files[i] as string);
    if (entry === undefined) continue;
    const count = Math.min(entry.count, most - rows);
    rows += count;
    const own = Array.from({ length: count }, (_, k) => entry.row + k);
    taken.set(i, { content: entry.content, rows: own, facts: entry.facts });
  }
  return [...taken].sort(([a], [b]) => a - b).map(([, each]) => each);
}

/** `count` of `length` positions, as far from each other and from the ends as can be; ascending. */
function evenly(length: number, count: number): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * length) / count));
}

function lastOf(length: number, count: number): number[] {
  const first = Math.max(0, length - count);
  return Array.from({ length: length - first }, (_, i) => first + i);
}

function intakeOf(
  taken: readonly (readonly Taken[])[],
  read: {
    readonly itemShape: readonly number[];
    readonly cache: MediaCache;
    readonly stray: number;
    readonly broken: readonly SetAside[];
  },
): MediaIntake {
  const perPatient = taken.map((files) => files.flatMap(({ rows }) => rows));
  const facts = new Map<string, Map<string, number>>();
  for (const file of taken.flat()) {
    for (const [name, value] of Object.entries(file.facts)) {
      const counts = facts.get(name) ?? new Map<string, number>();
      facts.set(name, counts.set(value, (counts.get(value) ?? 0) + 1));
    }
  }
  const { cache, itemShape, stray, broken } = read;
  const contents = taken.map((files) => files.map(({ content, rows }) => `${content}:${rows.length}`));
  const values: ModalityValues = {
    row: Int32Array.from(perPatient, (rows) => rows[0] ?? -1),
    ...(perPatient.some((rows) => rows.length > 1) ? { instances: packInstances(perPatient) } : {}),
    itemShape,
    values: {
      kind: 'stored',
      path: cache.path,
      type: 'float32',
      rows: cache.rows,
      contentHash: sha256(canonicalJson(contents)),
      extra: new Float32Array(0),
    },
  };
  return { values, broken, stray, facts };
}

/** Each item once, `width` at a time. */
async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
