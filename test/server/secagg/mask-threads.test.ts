import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MaskThreadData } from '../../../server/secagg/mask-messages.ts';
import { addMasksInThreads } from '../../../server/secagg/mask-threads.ts';
import { startWorker } from '../../../shared/core/start-worker.ts';
import { addMask, addMasks, type Mask, wordsOf } from '../../../shared/crypto/masks.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';

const PART = 2 ** 17;

function anyMasks(count: number): Mask[] {
  return Array.from({ length: count }, (_, i) => ({
    seed: secureRandom.bytes(32),
    sign: i % 3 === 0 ? -1 : 1,
  }));
}

/** `vector` with the masks one after the other. */
function oneByOne(vector: Int32Array, masks: readonly Mask[]): Int32Array {
  const sum = Int32Array.from(vector);
  for (const { seed, sign } of masks) addMask(sum, seed, sign);
  return sum;
}

/** As toEqual, which takes seconds for as many numbers. */
function expectSame(found: Int32Array, expected: Int32Array): void {
  expect(found.length).toBe(expected.length);
  expect(found.findIndex((value, i) => value !== expected[i])).toBe(-1);
}

describe('addMasks on parts of a vector', () => {
  it('gives the bits of the whole, wherever it is cut', async () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 4999 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (blocks) => {
        const masks = anyMasks(3);
        const vector = wordsOf(secureRandom.bytes(4 * 20_002)).slice();
        const expected = oneByOne(vector, masks);
        const ends = [0, ...blocks.map((block) => 4 * block).sort((a, b) => a - b), vector.length];
        for (let i = 1; i < ends.length; i++) {
          const at = ends[i - 1] as number;
          await addMasks(vector.subarray(at, ends[i]), masks, { at });
        }
        expectSame(vector, expected);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a place within a block of the cipher', async () => {
    const vector = new Int32Array(4);
    await expect(addMasks(vector, anyMasks(1), { at: 2 })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(vector).toEqual(new Int32Array(4));
  });
});

/** Threads that are started by `start`; what this one does waits until all of them are there. */
function threadsOf(start: (data: MaskThreadData) => Worker) {
  const there: Promise<unknown>[] = [];
  const figures = { parts: 0, codes: [] as number[] };
  return {
    figures,
    options: {
      start(data: MaskThreadData) {
        const worker = start(data);
        there.push(once(worker, 'message'));
        worker.on('message', (part) => {
          if (part !== undefined) figures.parts++;
        });
        worker.on('exit', (code) => figures.codes.push(code));
        return worker;
      },
      yield: () => Promise.all(there).then(() => setImmediate()),
    },
  };
}

const real = (data: MaskThreadData) =>
  startWorker(new URL('../../../server/secagg/mask-worker.ts', import.meta.url), data);

describe('addMasksInThreads', () => {
  it.each([
    [1, 4 * PART + 3],
    [2, 9 * PART + 6],
    [3, 9 * PART - 1],
  ])('with %i threads gives the bits of masks one after the other, on %i values', async (threads, length) => {
    const masks = anyMasks(3);
    const vector = wordsOf(secureRandom.bytes(4 * length)).slice();
    const expected = oneByOne(vector, masks);
    const { figures, options } = threadsOf(real);
    await addMasksInThreads(vector, masks, { threads, ...options });
    expectSame(vector, expected);
    expect(figures.parts).toBeGreaterThan(1);
    expect(figures.codes.length).toBe(threads);
  });

  it.each([0, 1, 100, PART])(
    'gives the same bits on %i values, whether or not threads come in',
    async (length) => {
      const masks = anyMasks(3);
      const vector = wordsOf(secureRandom.bytes(4 * length)).slice();
      const expected = oneByOne(vector, masks);
      await addMasksInThreads(vector, masks, { threads: 1 });
      expectSame(vector, expected);
    },
  );

  // 2^27 values times masks, of which there are some thousand here, are worth the start of one.
  it('starts none for a small sum', async () => {
    const start = () => {
      throw new Error('started');
    };
    const vector = new Int32Array(1000);
    const masks = anyMasks(64);
    await addMasksInThreads(vector, masks, { start });
    expectSame(vector, oneByOne(new Int32Array(1000), masks));
  });

  it('does what a thread that dies leaves undone', async () => {
    const masks = anyMasks(3);
    const vector = wordsOf(secureRandom.bytes(4 * (6 * PART + 1))).slice();
    const expected = oneByOne(vector, masks);
    const dying = `
      const { parentPort } = require('node:worker_threads');
      let parts = 0;
      parentPort.on('message', () => { if (++parts === 2) throw new Error('gone'); });
      parentPort.postMessage(undefined);`;
    const { figures, options } = threadsOf(() => new Worker(dying, { eval: true }));
    await addMasksInThreads(vector, masks, { threads: 1, ...options });
    expectSame(vector, expected);
    expect(figures).toEqual({ parts: 0, codes: [1] });
  });

  it('goes on without threads that cannot be loaded', async () => {
    const masks = anyMasks(2);
    const vector = new Int32Array(2 * PART);
    const start = () => new Worker('throw new Error("no")', { eval: true });
    await addMasksInThreads(vector, masks, { threads: 2, start });
    expectSame(vector, oneByOne(new Int32Array(2 * PART), masks));
  });

  it('leaves no seed in the memory that it shared', async () => {
    const shared: Uint8Array[] = [];
    const { options } = threadsOf((data) => {
      shared.push(data.seeds);
      return real(data);
    });
    await addMasksInThreads(new Int32Array(2 * PART), anyMasks(2), { threads: 1, ...options });
    expect(shared.map((seeds) => [...seeds])).toEqual([[...new Uint8Array(64)]]);
  });
});
