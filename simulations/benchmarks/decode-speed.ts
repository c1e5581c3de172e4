import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { ModalityValues } from '../../client/data/cohort.ts';
import { decodeFile } from '../../client/data/media/decode-file.ts';
import type { DecodePool } from '../../client/data/media/decode-pool.ts';
import type { DecodeTask } from '../../client/data/media/decode-task.ts';
import { readMedia } from '../../client/data/media/read-media.ts';
import { type MediaSize, mediaSourceOf, pathOf, patientIdsOf } from './media-task.ts';
import { besideFloor, type Figures, medianSeconds, type Span, spanOf } from './span.ts';

/** Generated files, and where they are decoded. */
export interface MediaFiles {
  readonly size: MediaSize;
  readonly modality: DecodeTask['modality'];
  /** Real path. */
  readonly folder: string;
  /** Patients with a file. */
  readonly files: number;
  readonly pool: DecodePool;
  /** Caches go below it. The caller removes them. */
  readonly scratch: string;
}

/** Reads the first `patients` through a cache. */
export async function readThrough(
  media: MediaFiles,
  cacheDir: string,
  patients: number,
): Promise<ModalityValues> {
  const { modality, size, folder, pool } = media;
  const patientIds = patientIdsOf(patients);
  const options = { folder, patientIds, cacheDir, pool };
  const { values, broken } = await readMedia(modality, mediaSourceOf(size), undefined, options);
  if (broken.length > 0) throw new Error(`media: expected no broken file, got ${broken[0]?.reason}`);
  return values;
}

/** A cache in which nothing is. */
export function freshCache({ scratch }: MediaFiles): string {
  return mkdtempSync(join(scratch, 'cache-'));
}

/**
 * Files listed, decoded in the pool and written to a fresh cache, beside decoding alone, file by file in this thread;
 * and the same files read once more, when the cache has all.
 */
export async function decodeSpeed(
  media: MediaFiles,
  runs: number,
): Promise<{ readonly figures: Figures; readonly values: ModalityValues }> {
  const { files, pool } = media;
  const everyThread = Array.from({ length: pool.width }, (_, i) => taskOf(media, i % files));
  const start = await spanOf(() => Promise.all(everyThread.map((task) => pool.decode(task))));
  await decodeHere(media, Math.min(files, 50));
  const cold: Span[] = [];
  const alone: Span[] = [];
  const again: Span[] = [];
  let cacheDir = '';
  for (let run = 0; run < runs; run++) {
    cacheDir = freshCache(media);
    cold.push(await spanOf(() => readThrough(media, cacheDir, files)));
    alone.push(await spanOf(() => decodeHere(media, files)));
    again.push(await spanOf(() => readThrough(media, cacheDir, files)));
  }
  const names = { of: 'cold', floor: 'one thread' };
  return {
    figures: {
      'threads start s': start.seconds,
      ...besideFloor(names, files, { of: cold, floor: alone }),
      'second load items/s': files / medianSeconds(again),
    },
    values: await readThrough(media, cacheDir, files),
  };
}

async function decodeHere(media: MediaFiles, files: number): Promise<void> {
  for (let i = 0; i < files; i++) {
    const answer = await decodeFile(taskOf(media, i));
    if (!answer.ok) throw new Error(`media: expected a file that can be read, got ${answer.message}`);
  }
}

function taskOf({ folder, size, modality }: MediaFiles, index: number): DecodeTask {
  return {
    folder,
    path: pathOf(size, index),
    modality,
    format: size.format,
    allowBurnedIn: false,
    readPatientId: false,
    csv: undefined,
  };
}
