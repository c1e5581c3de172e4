import type { Finding } from '../../shared/core/finding.ts';

/** Loads and tries each native library that reads or stores data. */
export async function checkLibraries(): Promise<readonly Finding[]> {
  return [
    await checkLoad('duckdb', async () => {
      const { probeDuckDb } = await import('../data/probe-duckdb.ts');
      return probeDuckDb();
    }),
    await checkSqlite(),
  ];
}

export function checkSqlite(): Promise<Finding> {
  return checkLoad('sqlite', async () => {
    const { probeSqlite } = await import('../storage/probe-sqlite.ts');
    return probeSqlite();
  });
}

/** @param probe loads the library, uses it once, and says its version. */
export async function checkLoad(check: string, probe: () => Promise<string>): Promise<Finding> {
  try {
    return { check, state: 'ok', found: await probe() };
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return {
      check,
      state: 'failed',
      found: 'does not load',
      cause: cause ?? 'unknown',
      fix: 'run npm ci again on this very machine: the library comes prebuilt for its platform',
    };
  }
}
