import { z } from 'zod';

/** Building blocks of the site file's schemas. `error` texts complete "expected …". */

export const text = z.string().min(1).max(500);

/** One `*`, in place of each name of the study. */
export const columnPattern = text.refine((value) => value.split('*').length === 2, {
  error: 'a pattern with one *, such as "*_value"',
});

export const sql = z.string().min(1).max(100_000);

const RELATIVE_WORDS = 'a path below the data folder, without ..';

export const path = text.refine((value) => !/^[/\\~]|^[a-zA-Z]:|(^|[/\\])\.\.([/\\]|$)|:\/\//.test(value), {
  error: RELATIVE_WORDS,
});

/** One path or several. */
export const paths = z.union([path, z.array(path).min(1).max(1000)], {
  error: 'a path below the data folder, or a list of them',
});

/** Where rows come from; one of the three. */
export const rows = { sql: sql.optional(), table: text.optional(), file: path.optional() };

export function sourceCount(entry: { sql?: unknown; table?: unknown; file?: unknown }): number {
  return [entry.sql, entry.table, entry.file].filter((value) => value !== undefined).length;
}

/** Rules across keys are checked even where single keys have faults, so that all faults come at once. */
export function isMapping({ value }: { value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}
