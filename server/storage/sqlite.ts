import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { makeFolder } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type Lease, whileHeld } from '../../shared/core/while-held.ts';
import { fileBlobs } from './blobs.ts';
import { linkEvents, NO_EVENT } from './event-chain.ts';
import type { EventHead, EventStore, StoredEvent, StudyStore } from './ports.ts';

/** In the study's folder. */
export const EVENTS_FILE = 'events.sqlite';

/**
 * A study's state in one folder: `events.sqlite` and `blobs/`. One process at a time; never on a network file system.
 * @throws ConsiliumError `FILE_UNREADABLE`, `STATE_CORRUPT`, or `STATE_MISMATCH` where another process has it open.
 */
export async function folderStore(folder: string): Promise<StudyStore> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw new ConsiliumError('FILE_UNREADABLE', `${folder}: cannot be made or entered`, { cause });
  });
  return {
    events: sqliteEvents(join(folder, EVENTS_FILE)),
    blobs: await fileBlobs(join(folder, 'blobs')),
  };
}

/** The event table in SQLite: write-ahead log, synced at each commit. */
export function sqliteEvents(path: string): EventStore {
  const lock = takeLock(`${path}.lock`);
  try {
    return eventsIn(openSqlite(path, EVENT_TABLE), path, lock);
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** @param database Owned. @param lock Owned. */
function eventsIn(database: Database, path: string, lock: Lease): EventStore {
  const insert = database.prepare(
    `INSERT INTO events (seq, time_ms, type, version, round, key, payload, prev, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const above = database.prepare('SELECT * FROM events WHERE seq > ? ORDER BY seq');
  const lastRow = database.prepare('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1');
  let isOpen = true;
  return {
    async append(events) {
      const last = lastRow.get() as EventHead | undefined;
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const event of linkEvents(events, last)) {
          const { seq, timeMs, type, version, round, key, payload, prev, hash } = event;
          insert.run(seq, timeMs, type, version, round, key, payload, prev, hash);
        }
        database.exec('COMMIT');
      } catch (cause) {
        database.exec('ROLLBACK');
        if (!/UNIQUE constraint/.test(String(cause))) throw cause;
        throw new ConsiliumError('STATE_MISMATCH', `${path}: an event key is stored already`, { cause });
      }
    },
    read: async (afterSeq = 0) => (above.all(afterSeq) as EventRow[]).map(eventOf),
    head: async () => (lastRow.get() as EventHead | undefined) ?? NO_EVENT,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      database.close();
      lock.close();
    },
  };
}

interface EventRow extends Omit<StoredEvent, 'timeMs'> {
  readonly time_ms: number;
}

function eventOf({ seq, time_ms, type, version, round, key, payload, prev, hash }: EventRow): StoredEvent {
  return { seq, timeMs: time_ms, type, version, round, key, payload, prev, hash };
}

type Database = InstanceType<typeof DatabaseSync>;

/**
 * Held until it is closed, or the process ends: a second coordinator on the same store is refused instead of mixing
 * in. A database of its own, without prepared statements: those keep a connection, and its locks, until collected.
 */
export function takeLock(path: string): Lease {
  const lock = tryLock(path);
  if (lock !== undefined) return lock;
  throw new ConsiliumError('STATE_MISMATCH', `${path}: another process has it open`);
}

/** As {@link whileHeld}, by a lock file. @throws ConsiliumError `FILE_UNREADABLE` too. */
export function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  return whileHeld(path, tryLock, work);
}

/** Undefined where somebody else holds it. */
function tryLock(path: string): Lease | undefined {
  return named(path, () => {
    const lock = new DatabaseSync(path);
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (cause) {
      lock.close();
      if (isBusy(cause)) return undefined;
      throw cause;
    }
  });
}

function isBusy(cause: unknown): boolean {
  return /locked|busy/i.test(String(cause));
}

const EVENT_TABLE = `CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY, time_ms REAL NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL,
  round INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, payload TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL
) STRICT`;

/**
 * All events of a store that another process may be writing to, as they stand at one moment between two of its
 * transactions. Nothing is written, and no lock is kept.
 * @throws ConsiliumError `FILE_UNREADABLE`, `STATE_CORRUPT`.
 */
export function readEvents(path: string): readonly StoredEvent[] {
  return named(path, () => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return (database.prepare('SELECT * FROM events ORDER BY seq').all() as EventRow[]).map(eventOf);
    } finally {
      database.close();
    }
  });
}

/**
 * A database with a write-ahead log, synced at each commit, after a check that it is sound.
 * @param setup SQL that makes its tables where they are missing.
 * @throws ConsiliumError `FILE_UNREADABLE`, `STATE_CORRUPT`, `STATE_MISMATCH`.
 */
export function openSqlite(path: string, setup: string): Database {
  return named(path, () => {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec(setup);
    const check = database.prepare('PRAGMA quick_check').get() as
      | { readonly quick_check?: string }
      | undefined;
    if (check?.quick_check === 'ok') return database;
    throw new ConsiliumError('STATE_CORRUPT', `${path}: ${check?.quick_check}`);
  });
}

/** What SQLite says, in our words. */
function named<Result>(path: string, open: () => Result): Result {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof ConsiliumError) throw cause;
    const text = String(cause);
    if (isBusy(cause)) {
      throw new ConsiliumError('STATE_MISMATCH', `${path}: another process has it open`, { cause });
    }
    if (/malformed|not a database/i.test(text)) {
      throw new ConsiliumError('STATE_CORRUPT', `${path}: not a sound database`, { cause });
    }
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: cannot be opened`, { cause });
  }
}
