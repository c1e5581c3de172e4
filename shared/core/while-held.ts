import { setTimeout } from 'node:timers/promises';
import { ConsiliumError } from './errors.ts';

/** Held until it is closed, or the process ends, however it ends. */
export interface Lease {
  close(): void;
}

const RETRY_MS = 20;
const GIVE_UP_MS = 10_000;

/**
 * Runs work while no other process, and nobody else in this one, holds the lock at `path`.
 * @param tryLock takes it; undefined where somebody else holds it.
 * @throws ConsiliumError `STATE_MISMATCH` where it stays held for ten seconds.
 */
export async function whileHeld<Result>(
  path: string,
  tryLock: (path: string) => Lease | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    const lock = tryLock(path);
    if (lock !== undefined) {
      try {
        return await work();
      } finally {
        lock.close();
      }
    }
    if (waitedMs >= GIVE_UP_MS) {
      throw new ConsiliumError(
        'STATE_MISMATCH',
        `${path}: expected another process to finish, got none that did`,
      );
    }
    await setTimeout(RETRY_MS);
  }
}
