import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * A thread that begins with `entry`. From source (tests, a checkout) it first registers the loader that strips types:
 * Node 20 strips none, and a thread does not inherit its parent's.
 * @param entry beside the caller, by its name in the source: `new URL('./x-worker.ts', import.meta.url)`.
 * @param data what the thread finds as `workerData`.
 */
export function startWorker(entry: URL, data?: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(entry.href.replace(/\.ts$/, '.js')), { workerData: data });
  }
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('./dist/esm/api/index.mjs', tsx).href;
  const start = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}); })`;
  return new Worker(start, { eval: true, workerData: data });
}
