import { DuckDBInstance, version } from '@duckdb/node-api';

/** Opens DuckDB in memory and runs a query, as reading a hospital's tables will. @returns its version. */
export async function probeDuckDb(): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll('select 6 * 7');
    if (reader.getRows()[0]?.[0] !== 42) throw new Error('DuckDB: expected 6 * 7 to be 42');
    connection.closeSync();
    return version();
  } finally {
    instance.closeSync();
  }
}
