import type { RecordSource } from '../../../../client/data/records/record-source.ts';
import type { LeftOut, SetAside } from '../../../../client/data/set-aside.ts';
import type { Table } from '../../../../client/data/table.ts';
import { Tables } from '../../../../client/data/tables.ts';
import { folderWith } from '../site-folder.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface RecordsRead {
  readonly table: Table;
  /** null is an empty cell. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly setAside: readonly SetAside[];
  readonly leftOut: readonly LeftOut[];
}

/** Reads one table of records, called `t`, from a folder or from files that stand in a temporary one. */
export async function readRecords(
  files: Files | string,
  source: RecordSource,
  sql = 'select * from t',
): Promise<RecordsRead> {
  const folder = typeof files === 'string' ? undefined : folderWith(files);
  const tables = await Tables.open({
    dataDir: folder?.path ?? (files as string),
    owner: 'site north',
    tables: new Map(),
    records: new Map([['t', source]]),
    sources: [{ kind: 'sql', sql }],
    idColumns: new Set(['patient']),
  }).catch((error: unknown) => {
    folder?.remove();
    throw error;
  });
  try {
    const table = await tables.read({ kind: 'sql', sql }, 'rows');
    const { leftOut } = tables;
    return { table, rows: rowsOf(table), setAside: tables.setAside.get('t') ?? [], leftOut };
  } finally {
    tables.close();
    folder?.remove();
  }
}

function rowsOf(table: Table): (string | number | null)[][] {
  return Array.from({ length: table.rows }, (_, row) =>
    [...table.columns.values()].map((column) => {
      if (column.kind === 'text') return column.values[row] ?? null;
      return column.isNull[row] === 1 ? null : (column.values[row] as number);
    }),
  );
}

export function fhir(
  columns: Readonly<Record<string, string>>,
  more: Partial<FhirOptions> = {},
): RecordSource {
  return {
    kind: 'fhir',
    files: ['*.json'],
    resource: 'Observation',
    where: undefined,
    ...more,
    columns: new Map(Object.entries(columns)),
  };
}

interface FhirOptions {
  readonly files: readonly string[];
  readonly resource: string;
  readonly where: string | undefined;
}

export function hl7(columns: Readonly<Record<string, string>>, row = 'OBX'): RecordSource {
  return { kind: 'hl7', files: ['*.hl7*'], row, columns: new Map(Object.entries(columns)) };
}
