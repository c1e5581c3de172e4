import { readdirSync, realpathSync } from 'node:fs';
import { extname } from 'node:path';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { locateFile } from './locate-file.ts';

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
 * The real path of a table that the site file names.
 * @param folder from {@link dataFolder}.
 * @param path as written, relative to `folder`.
 * @param where names the reader in messages.
 * @throws ConsiliumError `FILE_UNREADABLE` when it cannot be read, is no table, lies outside of `folder` (also by way
 * of a link), or holds no byte.
 */
export function tableFile(folder: string, path: string, where: string): string {
  const file = insideFile(folder, path, where);
  if (tableFormat(file.real) === undefined) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${where}: ${path}: expected .csv, .tsv, .txt, .data, .json, .ndjson, .jsonl (also .gz) or .parquet, got ${extname(file.real) || 'no ending'}`,
      { hint: 'Rename the file after what it holds, or export it as one of these.' },
    );
  }
  if (file.sizeBytes === 0) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${where}: ${path}: expected a table, got an empty file (0 bytes)`,
      {
        hint: 'Export the table again.',
      },
    );
  }
  return file.real;
}

/**
 * A file of any kind that the site file names.
 * @throws ConsiliumError `FILE_UNREADABLE` when it is absent, no file, or outside of `folder`, also by way of a link.
 */
export function insideFile(
  folder: string,
  path: string,
  where: string,
): { readonly real: string; readonly sizeBytes: number } {
  const located = locateFile(folder, path);
  switch (located.kind) {
    case 'file':
      return located;
    case 'unreadable':
      throw new ConsiliumError(
        'FILE_UNREADABLE',
        `${where}: ${path}: expected a file, got ${fileProblem(located.cause)}`,
        {
          cause: located.cause,
          hint: `Paths are relative to the data folder ${folder}. ${tablesBeside(folder)}`,
        },
      );
    case 'outside':
      throw new ConsiliumError(
        'FILE_UNREADABLE',
        `${where}: ${path}: expected a file inside of the data folder, got one outside`,
        {
          hint: 'Copy the file into the data folder: nothing else of the machine is read, not even through a link.',
        },
      );
    case 'no-file':
      throw new ConsiliumError(
        'FILE_UNREADABLE',
        `${where}: ${path}: expected a file, got a folder or a device`,
      );
  }
}

function tablesBeside(folder: string): string {
  const names = readdirSync(folder)
    .filter((name) => tableFormat(name) !== undefined)
    .sort();
  if (names.length === 0) return 'It holds no table.';
  return `It holds ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' and others' : ''}.`;
}
