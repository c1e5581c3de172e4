import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteCohort } from '../../client/data/cohort.ts';
import { decodePool } from '../../client/data/media/decode-pool.ts';
import { readSite } from '../../client/data/read-site.ts';
import { readSiteFile } from '../../client/data/site-file.ts';
import { trainingPool } from '../../client/training/training-pool.ts';
import type { BackendName } from '../../shared/compute/backend.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { type MediaSize, mediaStudy, patientIdsOf, writeMedia } from './media-task.ts';
import { memoryWatch } from './memory-watch.ts';
import { type BenchmarkResult, benchmarkResult } from './runner.ts';

export interface LargeSiteOptions {
  readonly patients: number;
  readonly backend: BackendName;
}

const SIZE: MediaSize = { kind: 'image', height: 28, width: 28, channels: 3, format: 'png' };

/**
 * One site with a small image for each of its patients, as a site's daemon has it: the site file is read, files are
 * listed, decoded in a pool into the cache, and a worker thread trains from the cache; then the same once more in the
 * same process, with the cache full. Files and cache are below the system's temporary folder, 14 kB a patient, and gone
 * afterwards.
 * @returns by step its seconds, the memory of the whole process at its end and the peak up to there, both above what the
 * process had before it knew of any file. An epoch's seconds are of the second load's cohort in a new seat.
 */
export async function largeSiteBenchmark(options: LargeSiteOptions): Promise<BenchmarkResult> {
  const { patients, backend } = options;
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-large-site-'));
  const loadAtStart = loadavg()[0] as number;
  try {
    const folder = writeSite(scratch, patients);
    const figures = await measure(folder, { cacheDir: join(scratch, 'cache'), ...options });
    const loadAverage = `${loadAtStart.toFixed(1)} to ${(loadavg()[0] as number).toFixed(1)}`;
    return benchmarkResult('large-site', { patients, image: '28×28×3 png', backend, loadAverage }, figures);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measure(
  dataDir: string,
  options: LargeSiteOptions & { readonly cacheDir: string },
): Promise<Record<string, number>> {
  const { patients, backend, cacheDir } = options;
  const study = mediaStudy(SIZE, { batch: 32, epochs: 1 });
  const site = readSiteFile(SITE_FILE, 'benchmark.site.yaml', study);
  const blocks = new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, values]));
  const figures: Record<string, number> = {};
  const memory = memoryWatch();
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const done = await work();
    const seconds = (performance.now() - start) / 1000;
    const { nowBytes, peakBytes } = memory.above();
    figures[`${name}: s`] = seconds;
    figures[`${name}: patients/s`] = patients / seconds;
    figures[`${name}: MB at the end`] = Math.round(nowBytes / 1e6);
    figures[`${name}: peak MB so far`] = Math.round(peakBytes / 1e6);
    return done;
  };
  const load = async (name: string): Promise<SiteCohort> => {
    const pool = decodePool();
    try {
      const { cohort } = await step(name, () =>
        readSite(study, site, { dataDir, media: { cacheDir, pool } }),
      );
      return cohort;
    } finally {
      await pool.close();
    }
  };
  const threads = await step('training thread', () => trainingPool({ workers: 1, backend }));
  const epochs = async (name: string, cohort: SiteCohort) => {
    const trainer = await threads.open(study, cohort);
    await trainer.prepare({
      normalization: { features: new Map() },
      classWeights: [],
      registeredWeights: new Map(),
      rarity: new Map(),
    });
    const request = { round: 1, blocks, local: new Map(), release: new Map(), absent: [] };
    const { patients: trained } = await step(name, () => trainer.train(request));
    if (trained !== patients) throw new Error(`large site: expected ${patients} patients, got ${trained}`);
    await trainer.close();
  };
  try {
    await epochs('first epoch', await load('first load'));
    await epochs('second epoch', await load('second load'));
  } finally {
    memory.stop();
    await threads.close();
  }
  return { 'start MB': Math.round(memory.startBytes / 1e6), ...figures };
}

const SITE_FILE = `
site: benchmark
data:
  patients: { file: patients.csv, id: pid, label: label }
  modalities:
    media: { files: '*/{patient}.png' }
`;

function writeSite(scratch: string, patients: number): string {
  const folder = writeMedia(mkdtempSync(join(scratch, 'files-')), SIZE, patients);
  const lines = patientIdsOf(patients).map((id, i) => `${id},${i % 2}`);
  writeFileSync(join(folder, 'patients.csv'), `pid,label\n${lines.join('\n')}\n`);
  return folder;
}
