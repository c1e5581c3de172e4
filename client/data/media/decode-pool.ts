import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import type { DecodeAnswer, DecodeTask } from './decode-task.ts';

/** Threads that decode files: the one door to piscina. */
export interface DecodePool {
  /** Files that are worth asking for at a time. */
  readonly width: number;
  /** Never rejects for what a file holds: one that takes too long ends its thread, and is broken. */
  decode(task: DecodeTask): Promise<DecodeAnswer>;
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
    async decode(task) {
      try {
        return (await pool.run(task, { signal: AbortSignal.timeout(most) })) as DecodeAnswer;
      } catch (error) {
        if (!(error instanceof Error && error.name === 'AbortError')) throw error;
        const message = `expected to be read within ${most / 1000} s, took longer`;
        return { ok: false, reason: 'timeout', message };
      }
    },
    async close() {
      await pool.destroy();
    },
  };
}

/** What strips types in a thread that starts from source: Node 20 strips none. */
function loader(): string {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  return new URL('./dist/loader.mjs', tsx).href;
}
