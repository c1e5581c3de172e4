import type { ContentHash } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { inputShape } from '../../../shared/model/inputs.ts';
import { canonicalJson } from '../../../shared/study/canonical.ts';
import { patientsAlike } from '../patients-alike.ts';
import { packInstances } from '../rows.ts';
import type { DecodePool } from './decode-pool.ts';
import { type FileReader, fileReader } from './file-reader.ts';
import { inLanes } from './in-lanes.ts';
import { listAll, listByPath, type MediaList } from './list-media.ts';
import { cacheName, type MediaCache, openMediaCache } from './media-cache.ts';
import {
  FactCounter,
  listLeftOut,
  type MediaIntake,
  type ModalityProgress,
  withMonths,
} from './media-intake.ts';
import type { MediaModality, MediaSource } from './media-source.ts';
import { type Taken, takeFiles } from './take-files.ts';

export interface ReadMediaOptions {
  /** Real path of the data folder. */
  readonly folder: string;
  readonly patientIds: readonly string[];
  /** Below it, decoded files are kept. */
  readonly cacheDir: string;
  readonly pool: DecodePool;
  /** Stops between files and rejects with its reason, with the cache in order. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ModalityProgress) => void;
}

type FileModality = Extract<MediaModality, { kind: 'image' | 'signal' }>;

/**
 * Reads the images or recordings of the patients through the cache, decoding what it does not have in `pool`.
 * @param list the files by patient, or undefined to find them as `source` says.
 * @throws ConsiliumError `FILE_UNREADABLE` for a cache that cannot be written to; the reason of `signal`.
 */
export async function readMedia(
  modality: FileModality,
  source: MediaSource,
  list: MediaList | undefined,
  options: ReadMediaOptions,
): Promise<MediaIntake> {
  const itemShape = inputShape(modality);
  const rowBytes = 4 * itemShape.reduce((product, length) => product * length, 1);
  const { id, filters: _f, depth: _d, augment: _a, ...shape } = { recurrent: false, ...modality };
  const { allowBurnedIn, csv, format } = source;
  const preparation = canonicalJson({ ...shape, allowBurnedIn, csv, format });
  const cache = openMediaCache(options.cacheDir, preparation, rowBytes);
  try {
    const { folder, pool, signal, patientIds, onProgress } = options;
    const readPatientId = source.from.kind === 'found' && source.from.patient === 'header';
    const task = { folder, modality, format, allowBurnedIn, readPatientId, csv };
    const reader = fileReader(task, { cache, pool, signal });
    const found = list ?? (await find(modality, source, reader, options));
    const taken: Taken[] = [];
    const facts = new FactCounter();
    let done = 0;
    await inLanes(found.perPatient, pool.width, async (files, i) => {
      taken[i] = await takeFiles(files, modality, { reader, facts });
      onProgress?.({ modality: id, done: ++done, total: found.perPatient.length, unit: 'patients' });
    });
    const contentHash = hashOf(taken, patientIds, preparation);
    return {
      values: { ...rowsOfAll(taken), itemShape, values: storedRows(cache, contentHash) },
      read: reader.filesRead(),
      broken: reader.setAside(),
      stray: found.stray,
      leftOut: listLeftOut(id, found),
      facts: withMonths(facts.counts(), found),
      shared: patientsAlike(patientIds, (patient) => taken[patient]?.contents ?? []),
    };
  } finally {
    cache.close();
  }
}

/** Finds the files of a source without rows of its own. */
async function find(
  { id }: FileModality,
  source: MediaSource,
  reader: FileReader,
  options: ReadMediaOptions,
): Promise<MediaList> {
  const { folder, patientIds, pool, onProgress } = options;
  if (source.from.kind !== 'found') throw new Error('read media: expected a list of files');
  if (source.from.patient === 'path') return listByPath(folder, source.from.patterns, patientIds);
  const index = new Map(patientIds.map((patient, i) => [patient, i]));
  const files = listAll(folder, source.from.patterns);
  const owners = new Int32Array(files.length).fill(BROKEN);
  let done = 0;
  await inLanes(files, pool.width, async (file, i) => {
    const entry = await reader.read(file);
    if (entry !== undefined) owners[i] = index.get(entry.patientId ?? '') ?? NOBODY;
    onProgress?.({ modality: id, done: ++done, total: files.length, unit: 'files' });
  });
  const perPatient = patientIds.map((): string[] => []);
  files.forEach((file, i) => {
    perPatient[owners[i] as number]?.push(file);
  });
  return { perPatient, stray: owners.filter((owner) => owner === NOBODY).length, ambiguous: 0 };
}

const NOBODY = -1;
const BROKEN = -2;

function rowsOfAll(taken: readonly Taken[]) {
  const perPatient = taken.map(({ rows }) => rows);
  return {
    row: Int32Array.from(perPatient, (rows) => rows[0] ?? -1),
    ...(perPatient.some((rows) => rows.length > 1) ? { instances: packInstances(perPatient) } : {}),
  };
}

function storedRows(cache: MediaCache, contentHash: ContentHash) {
  const { path, rows } = cache;
  return { kind: 'stored', path, type: 'float32', rows, contentHash, extra: new Float32Array(0) } as const;
}

const PATIENTS_PER_HASH = 1000;

/** Which patient has which contents, as one hash. */
function hashOf(taken: readonly Taken[], patientIds: readonly string[], preparation: string): ContentHash {
  let hash = sha256(cacheName(preparation));
  for (let start = 0; start < taken.length; start += PATIENTS_PER_HASH) {
    const part = taken.slice(start, start + PATIENTS_PER_HASH);
    const own = part.map(({ contents }, i) => [patientIds[start + i], ...contents]);
    hash = sha256(hash, canonicalJson(own));
  }
  return hash;
}
