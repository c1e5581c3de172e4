import { closeSync, openSync, readSync } from 'node:fs';
import type { ModalityValues } from '../../client/data/cohort.ts';
import { gatherRows, isStored, rowWidth } from '../../client/data/rows.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { besideFloor, type Figures, type Span, spanOf } from './span.ts';

/** What one timing reads, at least. */
const LEAST_BYTES = 200e6;

/**
 * Batches of rows in random order from the cache, beside a sequential read of the same bytes of the same file into one
 * buffer that is as long as a batch.
 */
export async function cacheSpeed(
  held: ModalityValues,
  options: { readonly batch: number; readonly runs: number; readonly leastBytes?: number },
): Promise<Figures> {
  const { batch, runs, leastBytes = LEAST_BYTES } = options;
  const { values } = held;
  if (!isStored(values)) throw new Error('media: expected rows on disk');
  const rows = Int32Array.from(seededRandom('media').permutation(values.rows));
  const rowBytes = 4 * rowWidth(held);
  const times = Math.ceil(leastBytes / (rows.length * rowBytes));
  const gather: Span[] = [];
  const sequential: Span[] = [];
  // One run more than is counted.
  for (let run = 0; run <= runs; run++) {
    gather.push(
      await spanOf(() => {
        for (let i = 0; i < times; i++)
          for (let at = 0; at < rows.length; at += batch) gatherRows(held, rows.subarray(at, at + batch));
      }),
    );
    sequential.push(
      await spanOf(() => {
        for (let i = 0; i < times; i++) readFromStart(values.path, rows.length * rowBytes, batch * rowBytes);
      }),
    );
  }
  const names = { of: 'gather', floor: 'sequential read' };
  return besideFloor(names, times * rows.length, { of: gather.slice(1), floor: sequential.slice(1) });
}

function readFromStart(path: string, bytes: number, chunkBytes: number): void {
  const file = openSync(path, 'r');
  const chunk = new Uint8Array(chunkBytes);
  try {
    for (let at = 0; at < bytes; ) {
      const got = readSync(file, chunk, 0, Math.min(chunkBytes, bytes - at), at);
      if (got === 0) throw new Error('media: expected a longer cache');
      at += got;
    }
  } finally {
    closeSync(file);
  }
}
