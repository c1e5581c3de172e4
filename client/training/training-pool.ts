import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { BackendName, BackendReport } from '../../shared/compute/backend.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from '../data/cohort.ts';
import type { SiteTrainer } from './site-trainer.ts';
import type { TrainingAnswer, TrainingCall, TrainingQuestion } from './training-messages.ts';

/** Worker threads that train: a daemon has one for its site, a simulation one per core for all its sites. */
export interface TrainingPool {
  readonly backend: BackendReport;
  readonly workers: number;
  /** Seats a site in the least occupied worker (by patients), where it stays: the same seat, the same thread. */
  open(study: Study, cohort: SiteCohort): Promise<SiteTrainer & { close(): Promise<void> }>;
  close(): Promise<void>;
}

/** @throws ConsiliumError `BACKEND_UNAVAILABLE`. */
export async function trainingPool(options: {
  readonly workers: number;
  readonly backend: BackendName | 'auto';
}): Promise<TrainingPool> {
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
    async open(study, cohort) {
      const seat = seats++;
      const lightest = load.indexOf(Math.min(...load));
      const patients = cohort.patientIds.length;
      load[lightest] = (load[lightest] as number) + patients;
      const { ask } = threads[lightest] as Thread;
      await ask({ kind: 'open', seat, study, cohort });
      return {
        prepare: (census) => ask({ kind: 'prepare', seat, census }) as Promise<void>,
        train: (request) => ask({ kind: 'train', seat, request }) as ReturnType<SiteTrainer['train']>,
        score: (request) => ask({ kind: 'score', seat, request }) as ReturnType<SiteTrainer['score']>,
        evaluate: (request) => ask({ kind: 'evaluate', seat, request }) as ReturnType<SiteTrainer['evaluate']>,
        async close() {
          load[lightest] = (load[lightest] as number) - patients;
          await ask({ kind: 'close', seat });
        },
      };
    },
    async close() {
      await Promise.all(threads.map((each) => each.close()));
    },
  };
}

interface Thread {
  ask(call: TrainingCall): Promise<unknown>;
  close(): Promise<void>;
}

function thread(): Thread {
  const worker = startWorker();
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let next = 0;
  let failure: unknown;
  worker.on('message', (answer: TrainingAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.ok) asked?.resolve(answer.value);
    else asked?.reject(errorOf(answer));
  });
  const fail = (error: unknown) => {
    failure = error;
    for (const asked of waiting.values()) asked.reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new ConsiliumError('INTERNAL', `training worker: ended with code ${code}`)));
  return {
    ask(call) {
      if (failure !== undefined) return Promise.reject(failure);
      const id = next++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, call } satisfies TrainingQuestion);
      });
    },
    async close() {
      await worker.terminate();
    },
  };
}

/**
 * The worker beside this file. From source (tests, a checkout) it first registers the loader that strips types: Node 20
 * strips none, and a worker does not inherit its parent's.
 */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./training-worker.js', import.meta.url));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('./dist/esm/api/index.mjs', tsx).href;
  const file = new URL('./training-worker.ts', import.meta.url).href;
  const start = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(file)}); })`;
  return new Worker(start, { eval: true });
}

function errorOf(answer: Extract<TrainingAnswer, { ok: false }>): Error {
  if (answer.code === undefined) return new Error(`training worker: ${answer.message}`);
  return new ConsiliumError(answer.code, answer.message, answer.hint === undefined ? {} : { hint: answer.hint });
}
