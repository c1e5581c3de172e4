/** A table as read from a site's own files, column by column. */
export interface Table {
  /** Names the source in messages, e.g. `site cleveland: patients`. */
  readonly source: string;
  readonly rows: number;
  /** By column name, in the order of the query. */
  readonly columns: ReadonlyMap<string, Column>;
}

export type Column =
  /** `values` [rows]; where `isNull` is 1 the cell is empty. A literal NaN or infinity of the file is kept. */
  | { readonly kind: 'number'; readonly values: Float64Array; readonly isNull: Uint8Array }
  /** [rows]; undefined where the cell is empty. */
  | { readonly kind: 'text'; readonly values: readonly (string | undefined)[] };

/** One cell, or undefined where it is empty. */
export function cell(column: Column, row: number): number | string | undefined {
  if (column.kind === 'text') return column.values[row];
  return column.isNull[row] === 1 ? undefined : column.values[row];
}

/**
 * The spelling by which cells and declared codes are compared: `1`, `1.0` and `01` are one level, and so are `true`
 * and `TRUE`. Undefined for an empty cell and for blanks.
 */
export function canonical(value: number | string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number') return String(value + 0);
  const text = value.trim();
  if (text === '') return undefined;
  if (NUMBER.test(text)) return String(Number(text) + 0);
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower : text;
}

/** A decimal number with nothing around it; hexadecimal, `1e`, `=1+1` and `1,5` are none. */
export const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A literal that programs write where no number is: a fault, never a value. */
export const NOT_A_NUMBER = /^[+-]?(nan|inf|infinity)$/i;
