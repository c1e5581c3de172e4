import type { BackendName, BackendReport } from '../../shared/compute/backend.ts';
import { prepareNative } from '../../shared/compute/native-environment.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { startWorker } from '../../shared/core/start-worker.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from '../data/cohort.ts';
import type { NoiseKind } from './noise-source.ts';
import type { BlockValues, SiteTrainer } from './site-trainer.ts';
import type {
  TrainingAnswer,
  TrainingCall,
  TrainingNews,
  TrainingProgress,
  TrainingQuestion,
} from './training-messages.ts';

/** Worker threads that train: a daemon has one for its site, a simulation one per core for all its sites. */
export interface TrainingPool {
  readonly backend: BackendReport;
  readonly workers: number;
  /** Seats a site in the least occupied worker (by patients), where it stays: the same seat, the same thread. */
  open(
    study: Study,
    cohort: SiteCohort,
    /** Told now and then how far a round's training has come. */
    onProgress?: (progress: TrainingProgress) => void,
  ): Promise<SiteTrainer & { close(): Promise<void> }>;
  close(): Promise<void>;
}

/**
 * @param options.noise of studies with noise on patients; `simulated` for simulations alone, `secure` unless given.
 * @throws ConsiliumError `BACKEND_UNAVAILABLE`.
 */
export async function trainingPool(options: {
  readonly workers: number;
  readonly backend: BackendName | 'auto';
  readonly noise?: NoiseKind;
}): Promise<TrainingPool> {
  const { noise = 'secure' } = options;
  prepareNative();
  const threads = Array.from({ length: options.workers }, () => thread());
  let reports: unknown[];
  try {
    reports = await Promise.all(threads.map((each) => each.ask({ kind: 'start', backend: options.backend })));
  } catch (error) {
    await Promise.all(threads.map((each) => each.close()));
    throw error;
  }
  const load = threads.map(() => 0);
  let seats = 0;
  return {
    backend: reports[0] as BackendReport,
    workers: options.workers,
    async open(study, cohort, onProgress) {
      const seat = seats++;
      const lightest = load.indexOf(Math.min(...load));
      const patients = cohort.patientIds.length;
      load[lightest] = (load[lightest] as number) + patients;
      const { ask, listeners } = threads[lightest] as Thread;
      if (onProgress !== undefined) listeners.set(seat, onProgress);
      await ask({ kind: 'open', seat, study, cohort, tells: onProgress !== undefined, noise });
      let isPrepared = false;
      return {
        async prepare(census) {
          // Asked for before every round: a census is as large as all sites' features, and the first one counts.
          if (isPrepared) return;
          await ask({ kind: 'prepare', seat, census });
          isPrepared = true;
        },
        train: (request) =>
          ask({ kind: 'train', seat, request: withShared(request) }) as ReturnType<SiteTrainer['train']>,
        score: (request) =>
          ask({ kind: 'score', seat, request: withShared(request) }) as ReturnType<SiteTrainer['score']>,
        evaluate: (request) =>
          ask({ kind: 'evaluate', seat, request: withShared(request) }) as ReturnType<
            SiteTrainer['evaluate']
          >,
        async close() {
          load[lightest] = (load[lightest] as number) - patients;
          listeners.delete(seat);
          await ask({ kind: 'close', seat });
        },
      };
    },
    async close() {
      await Promise.all(threads.map((each) => each.close()));
    },
  };
}

/** Where all threads read an array from: its one copy, which lives as long as the array. */
const sharedCopies = new WeakMap<Float32Array, Float32Array>();

/** The request with its global blocks in shared memory: a thousand sites' calls then carry no weights. */
function withShared<Request extends { readonly blocks: BlockValues }>(request: Request): Request {
  return { ...request, blocks: new Map([...request.blocks].map(([id, values]) => [id, sharedCopy(values)])) };
}

function sharedCopy(values: Float32Array): Float32Array {
  const known = sharedCopies.get(values);
  if (known !== undefined) return known;
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  sharedCopies.set(values, copy);
  return copy;
}

/** Calls that a worker is sent at a time: it never waits for the next, and what calls carry does not pile up in it. */
const MOST_UNDERWAY = 4;

interface Thread {
  /** Who wants to know how a seat's training goes. */
  readonly listeners: Map<number, (progress: TrainingProgress) => void>;
  ask(call: TrainingCall): Promise<unknown>;
  close(): Promise<void>;
}

interface Asked {
  readonly call: TrainingCall;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

function thread(): Thread {
  const worker = startWorker(new URL('./training-worker.ts', import.meta.url));
  const underway = new Map<number, Asked>();
  const queue: Asked[] = [];
  let taken = 0;
  let next = 0;
  let failure: unknown;
  const send = () => {
    while (underway.size < MOST_UNDERWAY && taken < queue.length) {
      const asked = queue[taken++] as Asked;
      const id = next++;
      underway.set(id, asked);
      try {
        worker.postMessage({ id, call: asked.call } satisfies TrainingQuestion);
      } catch (error) {
        underway.delete(id);
        asked.reject(error);
      }
    }
    if (taken === queue.length) {
      queue.length = 0;
      taken = 0;
    }
  };
  const listeners: Thread['listeners'] = new Map();
  worker.on('message', (answer: TrainingAnswer | TrainingNews) => {
    if ('progress' in answer) {
      listeners.get(answer.seat)?.(answer.progress);
      return;
    }
    const asked = underway.get(answer.id);
    underway.delete(answer.id);
    send();
    if (answer.ok) asked?.resolve(answer.value);
    else asked?.reject(errorOf(answer));
  });
  const fail = (error: unknown) => {
    failure = error;
    for (const asked of [...underway.values(), ...queue.slice(taken)]) asked.reject(error);
    underway.clear();
    queue.length = 0;
    taken = 0;
  };
  worker.on('error', fail);
  worker.on('exit', (code) =>
    fail(new ConsiliumError('INTERNAL', `training worker: ended with code ${code}`)),
  );
  return {
    listeners,
    ask(call) {
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        queue.push({ call, resolve, reject });
        send();
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}

function errorOf(answer: Extract<TrainingAnswer, { ok: false }>): Error {
  if (answer.code === undefined) return new Error(`training worker: ${answer.message}`);
  return new ConsiliumError(
    answer.code,
    answer.message,
    answer.hint === undefined ? {} : { hint: answer.hint },
  );
}
