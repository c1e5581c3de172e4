import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePool } from '../../client/data/media/decode-pool.ts';
import { type BackendName, chooseBackend } from '../../shared/compute/backend.ts';
import { cacheSpeed } from './cache-speed.ts';
import { decodeSpeed } from './decode-speed.ts';
import { type MediaSize, mediaModality, mediaStudy, nameOf, writeMedia } from './media-task.ts';
import { type BenchmarkResult, benchmarkResult } from './runner.ts';
import type { Figures } from './span.ts';
import { trainingSpeed } from './training-speed.ts';

/** So many files are decoded; an epoch trains on `trained` of them, a multiple of `batch`, or on none. */
export interface MediaLoad {
  readonly size: MediaSize;
  readonly files: number;
  readonly trained: number;
  readonly batch: number;
}

const image = (side: number, channels: 1 | 3, format: 'png' | 'dicom') =>
  ({ kind: 'image', height: side, width: side, channels, format }) as const;

const LOADS: readonly MediaLoad[] = [
  { size: image(28, 3, 'png'), files: 3000, trained: 1024, batch: 32 },
  { size: image(28, 3, 'dicom'), files: 3000, trained: 0, batch: 32 },
  { size: image(64, 1, 'png'), files: 2000, trained: 0, batch: 32 },
  { size: image(64, 1, 'dicom'), files: 2000, trained: 512, batch: 32 },
  { size: image(224, 3, 'png'), files: 300, trained: 64, batch: 16 },
  { size: image(224, 3, 'dicom'), files: 300, trained: 0, batch: 16 },
  {
    size: { kind: 'signal', samples: 1000, channels: 12, format: 'wfdb' },
    files: 1000,
    trained: 256,
    batch: 32,
  },
];

/**
 * Generated images and recordings (items) from their files into training, each step beside a floor of the same run. The
 * operating system has files and cache in memory throughout. A ratio above 1 is faster than the floor.
 * @param options.leastBytes that one timing of the cache reads.
 */
export async function mediaBenchmark(
  backend: BackendName,
  options: {
    readonly loads?: readonly MediaLoad[];
    readonly runs?: number;
    readonly leastBytes?: number;
  } = {},
): Promise<BenchmarkResult> {
  const { loads = LOADS, runs = 3, leastBytes } = options;
  const { oneLine } = await chooseBackend({ prefer: backend });
  const loadAtStart = loadavg()[0] as number;
  const figures: Record<string, number> = {};
  for (const load of loads) {
    const measured = await measureLoad(load, { runs, ...(leastBytes === undefined ? {} : { leastBytes }) });
    for (const [name, value] of Object.entries(measured)) figures[`${nameOf(load.size)}: ${name}`] = value;
  }
  const loadAverage = `${loadAtStart.toFixed(1)} to ${(loadavg()[0] as number).toFixed(1)}`;
  return benchmarkResult('media', { backend: oneLine, runs, loadAverage }, figures);
}

async function measureLoad(
  { size, files, trained, batch }: MediaLoad,
  options: { readonly runs: number; readonly leastBytes?: number },
): Promise<Figures> {
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-media-benchmark-'));
  const pool = decodePool();
  try {
    const modality = mediaModality(mediaStudy(size, { batch, epochs: 1 }));
    const folder = writeMedia(mkdtempSync(join(scratch, 'files-')), size, files);
    const media = { size, modality, folder, files, pool, scratch };
    const decoded = await decodeSpeed(media, options.runs);
    const cache = await cacheSpeed(decoded.values, { batch, ...options });
    const training = trained === 0 ? {} : await trainingSpeed(media, { trained, batch, ...options });
    return { ...decoded.figures, ...cache, ...training };
  } finally {
    await pool.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}
