import type { BrokenReason } from '../media/broken-file.ts';

/** A cell of records: FHIR has numbers and truth values, HL7 has texts; undefined is an empty cell. */
export type RecordCell = string | number | boolean | undefined;

/** What one file gives, in its order. */
export type RecordItem =
  /** [columns]. */
  | { readonly kind: 'row'; readonly cells: readonly RecordCell[] }
  /** A line or message that cannot be used; the rest of the file can. */
  | { readonly kind: 'broken'; readonly reason: BrokenReason };

/** Why a cell is not simply what the record says; counted by column. */
export interface CellCounts {
  /** Several values: the first is used. */
  several: number;
  /** Something with parts, such as a whole quantity: the cell is empty. */
  composite: number;
  /** The expression does not fit the resource: the cell is empty. */
  failed: number;
}

/** Reads the files of one table. @returns its counts, [columns], changed in place by {@link RecordReader.read}. */
export interface RecordReader {
  /** @throws BrokenFile where the whole file cannot be used; what it gave before is then to be forgotten. */
  read(path: string, counts: readonly CellCounts[]): AsyncGenerator<RecordItem, void, undefined>;
}

export function emptyCounts(columns: number): CellCounts[] {
  return Array.from({ length: columns }, () => ({ several: 0, composite: 0, failed: 0 }));
}
