import { ConsiliumError } from '../../shared/core/errors.ts';

/**
 * What the SQL engine says, without what it quotes: its messages about content carry cells and whole lines of the file,
 * so only those about the query itself are passed on, and none is kept as the cause.
 */
export function translateSqlError(error: unknown, where: string): ConsiliumError {
  if (error instanceof ConsiliumError) return error;
  const text = error instanceof Error ? error.message : '';
  const kind = /(\w+(?: \w+)?) Error: /.exec(text)?.[1] ?? 'unknown';
  switch (kind) {
    case 'Parser':
    case 'Catalog':
    case 'Binder':
      return new ConsiliumError(
        'DATA_INVALID',
        `${where}: the query does not fit the tables: ${aboutQuery(text)}`,
        {
          hint: "SQL sees the tables declared under `tables` and files of the data folder, e.g. from 'labs.csv'.",
        },
      );
    case 'Permission': {
      const file = /Cannot access file "([^"\n]{1,200})"/.exec(text)?.[1] ?? 'another source';
      return new ConsiliumError('DATA_INVALID', `${where}: expected files of the data folder, got ${file}`, {
        hint: "Name files as from 'labs.csv' or under `tables`; nothing outside of the data folder is read.",
      });
    }
    case 'Conversion':
    case 'Out of Range':
      return new ConsiliumError(
        'DATA_INVALID',
        `${where}: the query converts a cell to a type that it does not fit`,
        {
          hint: 'Use try_cast, or declare the code of missing cells under `missing` of the table.',
        },
      );
    case 'Out of Memory':
      return new ConsiliumError('DATA_INVALID', `${where}: the query needs more than 1 GB of memory`, {
        hint: 'Select fewer columns or rows, or store the table as Parquet.',
      });
    default:
      return new ConsiliumError('DATA_INVALID', `${where}: expected a table, got ${aboutContent(text)}`, {
        hint: 'Check the delimiter, quotes, and that every line has as many cells as the first; save text as UTF-8.',
      });
  }
}

/** The engine's own first two lines about a query: names only. */
function aboutQuery(text: string): string {
  return text
    .replace(/^.*?Error: /s, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^LINE \d+:|^\s*\^/.test(line))
    .slice(0, 2)
    .join(' ')
    .slice(0, 400);
}

function aboutContent(text: string): string {
  const line = /\bLine: (\d+)/.exec(text)?.[1];
  const at = line === undefined ? '' : ` at line ${line}`;
  const first = text.split('\n')[0] ?? '';
  if (/not utf-8 encoded|byte sequence mismatch/i.test(text)) return `text that is not UTF-8${at}`;
  if (/parquet/i.test(first)) return 'a file that is no Parquet';
  if (/malformed json/i.test(first)) return 'malformed JSON';
  if (/gzip|zstd/i.test(first)) return 'a compressed file that is damaged';
  return `lines that do not form one${at}: unequal numbers of cells, an open quote or mixed line ends`;
}
