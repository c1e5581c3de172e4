import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { DatabaseSync } from '@photostructure/sqlite';
import { ConsiliumError } from '../../shared/core/errors.ts';

/** A charge as it is stored; `client/privacy/charge.ts` says what it means. */
export interface ChargeRow {
  readonly seq: number;
  readonly timeMs: number;
  readonly study: string;
  readonly round: number;
  readonly attempt: number;
  readonly purpose: string;
  readonly cohortSource: string;
  readonly cohortVersion: string;
  /** JSON. */
  readonly blocks: string;
  /** JSON. */
  readonly event: string;
  readonly delta: number;
  readonly epsilonAfter: number;
  readonly totalAfter: number;
  readonly prev: string;
  readonly hash: string;
}

/** Where charges are kept, in order of seq. */
export interface PrivacyLedgerStore {
  rows(): readonly ChargeRow[];
  /** MUST be durable when it returns, and refuse a row whose seq, or whose study, round, attempt and purpose, is there. */
  append(row: ChargeRow): void;
  close(): void;
}

/** Kept in this process only. */
export function transientPrivacyLedger(): PrivacyLedgerStore {
  const kept: ChargeRow[] = [];
  return { rows: () => kept, append: (row) => kept.push(row), close: () => undefined };
}

const SETUP = `
  PRAGMA journal_mode = DELETE;
  PRAGMA synchronous = EXTRA;
  CREATE TABLE IF NOT EXISTS charges (
    seq INTEGER PRIMARY KEY, timeMs REAL NOT NULL, study TEXT NOT NULL, round INTEGER NOT NULL,
    attempt INTEGER NOT NULL, purpose TEXT NOT NULL, cohortSource TEXT NOT NULL, cohortVersion TEXT NOT NULL,
    blocks TEXT NOT NULL, event TEXT NOT NULL, delta REAL NOT NULL, epsilonAfter REAL NOT NULL,
    totalAfter REAL NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL,
    UNIQUE (study, round, attempt, purpose)
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS charges_stay BEFORE UPDATE ON charges BEGIN SELECT RAISE(ABORT, 'append only'); END;
  CREATE TRIGGER IF NOT EXISTS charges_last BEFORE DELETE ON charges BEGIN SELECT RAISE(ABORT, 'append only'); END;
`;

/**
 * One file, made with mode 0600 where there is none. One writer: the daemon, under its lease.
 * @throws ConsiliumError `LEDGER_DAMAGED` for a file that is not a sound database; `FILE_UNREADABLE`.
 */
export async function filePrivacyLedger(path: string): Promise<PrivacyLedgerStore> {
  const isNew = !existsSync(path);
  const database = opened(path, { readOnly: false });
  if (isNew) await chmod(path, 0o600);
  const insert = named(path, () => {
    database.exec(SETUP);
    return database.prepare(
      `INSERT INTO charges VALUES (${Array.from({ length: COLUMNS.length }, () => '?').join(', ')})`,
    );
  });
  return {
    rows: () => named(path, () => rowsIn(database)),
    append: (row) => void insert.run(...COLUMNS.map((column) => row[column])),
    close: () => database.close(),
  };
}

/** The charges in a file that a daemon may be writing to; none where there is no file. @throws ConsiliumError `LEDGER_DAMAGED`. */
export function readPrivacyLedger(path: string): readonly ChargeRow[] {
  if (!existsSync(path)) return [];
  const database = opened(path, { readOnly: true });
  try {
    return named(path, () => rowsIn(database));
  } finally {
    database.close();
  }
}

const COLUMNS = [
  'seq',
  'timeMs',
  'study',
  'round',
  'attempt',
  'purpose',
  'cohortSource',
  'cohortVersion',
  'blocks',
  'event',
  'delta',
  'epsilonAfter',
  'totalAfter',
  'prev',
  'hash',
] as const satisfies readonly (keyof ChargeRow)[];

type Database = InstanceType<typeof DatabaseSync>;

function rowsIn(database: Database): readonly ChargeRow[] {
  return database.prepare('SELECT * FROM charges ORDER BY seq').all() as ChargeRow[];
}

const WAIT_MS = 2_000;

function opened(path: string, { readOnly }: { readonly readOnly: boolean }): Database {
  return named(path, () => {
    const database = new DatabaseSync(path, { readOnly });
    database.exec(`PRAGMA busy_timeout = ${WAIT_MS}`);
    return database;
  });
}

/** What SQLite says, in our words. */
function named<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const isUnsound = /malformed|not a database|no such table|corrupt/i.test(String(cause));
    if (isUnsound)
      throw ledgerDamaged(`${path}: expected a sound ledger of privacy budget, got another file`, cause);
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${path}: expected a ledger of privacy budget, got none that opens`,
      {
        cause,
      },
    );
  }
}

/** @param what where, what was expected, what was found. */
export function ledgerDamaged(what: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError('LEDGER_DAMAGED', what, {
    cause,
    hint: 'Restore the whole site folder from its last backup; a budget is never reset.',
  });
}
