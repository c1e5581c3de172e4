import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import type { BrokenReason } from './broken-file.ts';
import type { DecodeAnswer, DecodeTask } from './decode-task.ts';

/** Threads that decode files: the one door to piscina. */
export interface DecodePool {
  /** Files that are worth asking for at a time. */
  readonly width: number;
  /**
   * Never rejects for what a file holds: one that takes too long, or more memory than a thread has, ends its thread and
   * is broken. Ask for `width` at a time, since waiting for a thread counts as well.
   * @param signal ends the thread, and rejects with its reason.
   */
  decode(task: DecodeTask, signal?: AbortSignal): Promise<DecodeAnswer>;
  close(): Promise<void>;
}

/** What one file may take; a whole-slide of the largest size that is read takes a tenth of it. */
const MOST_SECONDS = 60;

export function decodePool(
  options: { readonly threads?: number; readonly seconds?: number } = {},
): DecodePool {
  const threads = options.threads ?? availableParallelism();
  const isSource = import.meta.url.endsWith('.ts');
  const pool = new Piscina({
    filename: new URL(isSource ? './decode-file.ts' : './decode-file.js', import.meta.url).href,
    name: 'decodeFile' satisfies keyof typeof import('./decode-file.ts'),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 2000,
    ...(isSource ? { execArgv: ['--import', loader()] } : {}),
  });
  const most = (options.seconds ?? MOST_SECONDS) * 1000;
  return {
    width: threads,
    async decode(task, signal) {
      signal?.throwIfAborted();
      const late = AbortSignal.timeout(most);
      const stop = signal === undefined ? late : AbortSignal.any([late, signal]);
      try {
        return (await pool.run(task, { signal: stop })) as DecodeAnswer;
      } catch (error) {
        signal?.throwIfAborted();
        if (late.aborted)
          return broken('timeout', `expected to be read within ${most / 1000} s, took longer`);
        if (isOutOfMemory(error)) return broken('too-large', 'expected to fit the memory of a thread');
        throw error;
      }
    },
    async close() {
      await pool.destroy();
    },
  };
}

function broken(reason: BrokenReason, message: string): DecodeAnswer {
  return { ok: false, reason, message, others: [] };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** What strips types in a thread that starts from source: Node 20 strips none. */
function loader(): string {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  return new URL('./dist/loader.mjs', tsx).href;
}
