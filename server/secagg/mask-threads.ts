import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../shared/core/start-worker.ts';
import { addMasks, MASK_SEED_BYTES, type Mask } from '../../shared/crypto/masks.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import type { MaskPart, MaskThreadData } from './mask-messages.ts';

/**
 * As `addMasks`, with other threads' help where there is enough to do: the same bits, since additions modulo 2^32 may
 * come in any order. Threads live as long as the call, and hold two parts each besides the vector. One that fails leaves
 * its parts to the others and to this one.
 * @param vector changed in place. @param masks Borrowed.
 * @param options.threads beside this one; as many as are worth their start unless given.
 * @param options.yield what is awaited after each part that this thread does.
 */
export async function addMasksInThreads(
  vector: Int32Array,
  masks: readonly Mask[],
  options: {
    readonly threads?: number;
    readonly start?: (data: MaskThreadData) => Worker;
    readonly yield?: () => Promise<unknown>;
  } = {},
): Promise<void> {
  const { threads = threadsWorth(vector.length * masks.length), start = startMaskWorker } = options;
  const { yield: giveTurn = () => setImmediate() } = options;
  if (threads === 0) return addMasks(vector, masks);
  const data = threadData(masks);
  const parts = partsOf(vector.length);
  const helpers: Helper[] = [];
  try {
    while (helpers.length < threads) helpers.push(helper(start(data), parts, vector));
    do {
      for (let at = parts.take(); at !== undefined; at = parts.take()) {
        await addMasks(partAt(vector, at), masks, { at });
        await giveTurn();
      }
      await Promise.all(helpers.map(({ settled }) => settled()));
    } while (parts.hasSome());
  } finally {
    await Promise.all(helpers.map(({ end }) => end()));
    data.seeds.fill(0);
  }
}

/** Values of a part: a few milliseconds' work, with as many masks as there are sites. A multiple of 4. */
const PART_VALUES = 2 ** 17;
/** Parts that a thread has at a time: it never waits for the next. */
const PARTS_UNDERWAY = 2;
/** Values times masks that take several times as long as a thread takes to start. */
const WORTH_A_THREAD = 2 ** 28;
/** Each takes some 10 MB for itself. */
const MOST_THREADS = 7;

function threadsWorth(work: number): number {
  return Math.min(availableParallelism() - 1, MOST_THREADS, Math.floor(work / WORTH_A_THREAD));
}

function startMaskWorker(data: MaskThreadData): Worker {
  return startWorker(new URL('./mask-worker.ts', import.meta.url), data);
}

function threadData(masks: readonly Mask[]): MaskThreadData {
  const seeds = new Uint8Array(new SharedArrayBuffer(MASK_SEED_BYTES * masks.length));
  masks.forEach(({ seed }, i) => {
    seeds.set(seed, MASK_SEED_BYTES * i);
  });
  return { seeds, signs: Int8Array.from(masks, ({ sign }) => sign) };
}

/** Where parts of a vector begin that nobody works on yet. */
interface Parts {
  take(): number | undefined;
  giveBack(at: number): void;
  hasSome(): boolean;
}

function partsOf(length: number): Parts {
  const back: number[] = [];
  let next = 0;
  const hasSome = () => back.length > 0 || next < length;
  return {
    hasSome,
    take() {
      if (!hasSome()) return undefined;
      const given = back.pop();
      if (given !== undefined) return given;
      next += PART_VALUES;
      return next - PART_VALUES;
    },
    giveBack: (at) => back.push(at),
  };
}

function partAt(vector: Int32Array, at: number): Int32Array {
  return vector.subarray(at, at + PART_VALUES);
}

interface Helper {
  /** When it has nothing under way. */
  settled(): Promise<void>;
  end(): Promise<unknown>;
}

/** Asks the thread for parts as long as there are some, and adds what comes. */
function helper(worker: Worker, parts: Parts, vector: Int32Array): Helper {
  const underway = new Set<number>();
  let waiting: (() => void) | undefined;
  const ask = (words: Int32Array<ArrayBuffer>) => {
    const at = parts.take();
    if (at === undefined) return;
    underway.add(at);
    const fitting = words.subarray(0, partAt(vector, at).length);
    worker.postMessage({ at, words: fitting } satisfies MaskPart, [fitting.buffer]);
  };
  const settle = () => {
    if (underway.size === 0) waiting?.();
  };
  worker.on('message', (part: MaskPart | undefined) => {
    if (part === undefined) {
      for (let i = 0; i < PARTS_UNDERWAY; i++) ask(new Int32Array(PART_VALUES));
      return;
    }
    addInto(partAt(vector, part.at), part.words);
    underway.delete(part.at);
    ask(new Int32Array(part.words.buffer));
    settle();
  });
  worker.on('error', () => undefined);
  worker.on('exit', () => {
    for (const at of underway) parts.giveBack(at);
    underway.clear();
    settle();
  });
  return {
    settled: () =>
      new Promise((resolve) => {
        waiting = resolve;
        settle();
      }),
    end: () => worker.terminate(),
  };
}
