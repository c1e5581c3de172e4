/** How one file of a site is read under a name that SQL can use. */
export interface TableSource {
  /** Paths below the data folder; more than one: files of the same columns, read one after the other. */
  readonly files: readonly string[];
  /** False: the first line is a patient already. Undefined: decided by the file. Text files only. */
  readonly header: boolean | undefined;
  /** Names of the columns, in order; needed without a header. Text files only. */
  readonly columns: readonly string[] | undefined;
  /** Cells that mean "empty", beside the empty cell itself, e.g. `?`. Text files only. */
  readonly missing: readonly string[];
  readonly delimiter: string | undefined;
}

/** A source without settings, as a path written in SQL has it. */
export function plainSource(file: string): TableSource {
  return { files: [file], header: undefined, columns: undefined, missing: [], delimiter: undefined };
}

/** Where rows come from: a query, or a whole table or file. */
export type RowSource =
  | { readonly kind: 'sql'; readonly sql: string }
  /** A name under `tables`, or a path below the data folder. */
  | { readonly kind: 'table'; readonly name: string };
