import { existsSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type Lease, whileHeld } from '../../shared/core/while-held.ts';

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

/** As {@link whileHeld}, by a lock file. @throws ConsiliumError `FILE_UNREADABLE` too. */
export function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  return whileHeld(path, tryLock, work);
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
