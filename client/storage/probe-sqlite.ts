import { DatabaseSync } from '@photostructure/sqlite';

/** Opens SQLite in memory and runs a query. @returns its version. */
export function probeSqlite(): string {
  const database = new DatabaseSync(':memory:');
  try {
    const row = database.prepare('select sqlite_version() as version').get() as { version: string };
    return row.version;
  } finally {
    database.close();
  }
}
