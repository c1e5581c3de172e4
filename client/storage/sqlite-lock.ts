import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { DatabaseSync } from '@photostructure/sqlite';
import { ConsiliumError } from '../../shared/core/errors.ts';

/** Held until it is closed, or the process ends, however it ends. */
export interface Lease {
  close(): void;
}

/**
 * Makes this process the only one that works in a node folder.
 * @throws ConsiliumError `STATE_MISMATCH` naming the folder where another process does; `FILE_UNREADABLE`.
 */
export function takeLease(folder: string, path: string): Lease {
  const lock = tryLock(path);
  if (lock !== undefined) return lock;
  throw new ConsiliumError('STATE_MISMATCH', `${folder}: expected no other daemon in this folder, got one`, {
    hint: 'Stop the other one first; a site has one daemon.',
  });
}

/** Whether somebody works in a node folder; nothing is made where there is no lock file. @throws ConsiliumError `FILE_UNREADABLE`. */
export function isHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  const lock = tryLock(path);
  lock?.close();
  return lock === undefined;
}

const RETRY_MS = 20;
const GIVE_UP_MS = 10_000;

/**
 * Runs work while no other process, and nobody else in this one, holds the lock at `path`.
 * @throws ConsiliumError `STATE_MISMATCH` where it stays held for ten seconds.
 */
export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
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

/** Undefined where somebody else holds it. */
function tryLock(path: string): Lease | undefined {
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database?.close();
    if (/locked|busy/i.test(String(cause))) return undefined;
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${path}: expected a lock file, got one that cannot be opened`,
      {
        cause,
      },
    );
  }
}
