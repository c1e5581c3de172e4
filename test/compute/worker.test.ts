import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { prepareNative } from '../../shared/compute/native-environment.ts';

/** A worker gets no TypeScript loader from its parent on Node 20. */
const LOADER = `
  const { workerData } = require('node:worker_threads');
  import('tsx/esm/api').then(({ register }) => (register(), import(workerData)));
`;

describe('a worker thread', () => {
  it('starts a backend of its own and trains, beside others', async () => {
    prepareNative();
    const answers = await Promise.all([1, 2].map(answerOfWorker));
    for (const answer of answers) {
      // Ones everywhere: 2 images · 2 filters · 3 channels · (4 corners · 4 + 8 edges · 6 + 4 inner · 9) taps = 1,200.
      // A corner of x lies under 4 taps of 2 filters.
      expect(answer).toMatchObject({ value: 1200, corner: 8 });
    }
  });
});

function answerOfWorker(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(LOADER, {
      eval: true,
      workerData: new URL('./worker-entry.ts', import.meta.url).href,
    });
    worker.once('error', reject);
    worker.once('message', (answer: unknown) => {
      resolve(answer);
      void worker.terminate();
    });
  });
}
