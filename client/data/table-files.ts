import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ConsiliumError } from '../../shared/core/errors.ts';

/** How a file is read, by its name. */
export type TableFormat = 'csv' | 'parquet' | 'json';

const FORMATS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.(csv|tsv|txt|data)(\.gz|\.zst)?$/i, 'csv'],
  [/\.parquet$/i, 'parquet'],
  [/\.(json|ndjson|jsonl)(\.gz|\.zst)?$/i, 'json'],
];

/** Undefined for a file that is no table. */
export function tableFormat(path: string): TableFormat | undefined {
  return FORMATS.find(([pattern]) => pattern.test(path))?.[1];
}

/**
 * The real path of a data folder.
 * @throws ConsiliumError `FILE_UNREADABLE` when it is absent, no folder, or not to be listed.
 */
export function dataFolder(dataDir: string): string {
  try {
    const folder = realpathSync(dataDir);
    readdirSync(folder);
    return folder;
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `data folder ${dataDir}: expected a readable folder, got ${fileProblem(cause)}`,
      { cause, hint: 'Name the folder with --data DIR and check its permissions.' },
    );
  }
}

/**
 * The real path of a file that the site file names.
 * @param folder from {@link dataFolder}.
 * @param path as written, relative to `folder`.
 * @param where names the reader in messages.
 * @throws ConsiliumError `FILE_UNREADABLE` when it cannot be read, is no table, lies outside of `folder` (also by way
 * of a link), or holds no byte.
 */
export function tableFile(folder: string, path: string, where: string): string {
  let real: string;
  let stats: Stats;
  try {
    real = realpathSync(join(folder, path));
    stats = statSync(real);
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${where}: ${path}: expected a file, got ${fileProblem(cause)}`,
      {
        cause,
        hint: `Paths are relative to the data folder ${folder}. ${tablesBeside(folder)}`,
      },
    );
  }
  const inside = relative(folder, real);
  if (inside.startsWith(`..${sep}`) || inside === '..' || inside.startsWith(sep)) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${where}: ${path}: expected a file inside of the data folder, got one outside`,
      {
        hint: 'Copy the file into the data folder: nothing else of the machine is read, not even through a link.',
      },
    );
  }
  if (!stats.isFile()) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${where}: ${path}: expected a file, got a folder or a device`,
    );
  }
  if (tableFormat(real) === undefined) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${where}: ${path}: expected .csv, .tsv, .txt, .data, .json, .ndjson, .jsonl (also .gz) or .parquet`,
    );
  }
  if (stats.size === 0) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${where}: ${path}: expected a table, got an empty file (0 bytes)`,
      {
        hint: 'Export the table again.',
      },
    );
  }
  return real;
}

/** Why the operating system refused, in words. */
export function fileProblem(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ENOENT':
      return 'nothing of that name';
    case 'ENOTDIR':
      return 'something that is no folder';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    case 'ELOOP':
      return 'a link that leads back to itself';
    default:
      return `a failure of the file system (${code || 'unknown'})`;
  }
}

function tablesBeside(folder: string): string {
  const names = readdirSync(folder)
    .filter((name) => tableFormat(name) !== undefined)
    .sort();
  if (names.length === 0) return 'It holds no table.';
  return `It holds ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' and others' : ''}.`;
}
