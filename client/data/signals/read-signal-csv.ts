import { BrokenFile } from '../media/broken-file.ts';
import { type RawLead, type RawSignal, SIGNAL_LIMITS, type SignalLimits } from './raw-signal.ts';
import { decimalNumber } from './strict-number.ts';

export interface SignalCsvOptions {
  /** How fast the rows follow each other: told, or from a column of times that grow evenly. */
  readonly rate:
    | { readonly kind: 'hertz'; readonly hertz: number }
    | { readonly kind: 'times'; readonly column: string; readonly unit: 's' | 'ms' };
  /** Names of the leads' columns. Undefined: all but the times. */
  readonly columns?: readonly string[];
  /** Of all leads; empty if not known. */
  readonly unit?: string;
  readonly separator?: ',' | ';' | '\t';
}

/** How far a time may lie from an even grid, in samples. */
const JITTER = 0.5;

/**
 * Reads a table of one recording: a header of names, then a row of numbers per sample, with a decimal point; an empty cell
 * is NaN. Quotes may enclose names, and nothing else.
 * @param bytes UTF-8; borrowed.
 * @throws BrokenFile `wrong-format` for other text, `bad-header` for names, `truncated` for a short row, `wrong-shape` for
 * columns that are missing, `too-large`, `empty`.
 */
export function readSignalCsv(
  bytes: Uint8Array,
  options: SignalCsvOptions,
  limits: SignalLimits = SIGNAL_LIMITS,
): RawSignal {
  if (bytes.length > limits.bytes) {
    throw new BrokenFile(
      'too-large',
      `recording as CSV: expected at most ${limits.bytes} bytes, got ${bytes.length}`,
    );
  }
  const lines = linesOf(bytes);
  const separator = options.separator ?? ',';
  const names = headerNames(lines.next().value ?? '', separator);
  const rows = lineCount(bytes) - 1;
  if (rows < 1) throw new BrokenFile('empty', 'recording as CSV: expected rows of numbers, got none');
  const times = options.rate.kind === 'times' ? columnIndex(names, options.rate.column) : undefined;
  const picked = (options.columns ?? names.filter((_, i) => i !== times)).map((name) => ({
    name,
    index: columnIndex(names, name),
  }));
  if (picked.length === 0) throw new BrokenFile('wrong-shape', 'recording as CSV: expected a lead, got none');
  if (picked.length > limits.leads || picked.length * rows > limits.samples) {
    throw new BrokenFile(
      'too-large',
      `recording as CSV: expected at most ${limits.leads} leads and ${limits.samples} samples, got ${picked.length} leads of ${rows}`,
    );
  }
  const leads = picked.map(({ name, index }) => ({ name, index, values: new Float32Array(rows) }));
  const clock = new Float64Array(times === undefined ? 0 : rows);
  for (let row = 0; row < rows; row++) {
    const cells = (lines.next().value ?? '').split(separator);
    if (cells.length !== names.length) throw rowLength(row, names.length, cells.length, rows);
    for (const lead of leads) lead.values[row] = number(cells[lead.index] as string, row);
    if (times !== undefined) clock[row] = number(cells[times] as string, row);
  }
  const rateHz = options.rate.kind === 'hertz' ? options.rate.hertz : rateOf(clock, options.rate.unit);
  const unit = options.unit ?? '';
  return { leads: leads.map(({ name, values }): RawLead => ({ name, unit, rateHz, values })) };
}

/** A last line without a line feed counts. */
function lineCount(bytes: Uint8Array): number {
  let count = bytes.length > 0 && bytes.at(-1) !== LINE_FEED ? 1 : 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

/** Line by line, so that a file never becomes one string: those end at 2^29 characters. */
function* linesOf(bytes: Uint8Array): Generator<string, undefined> {
  for (let from = 0; from < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, from);
    const to = feed < 0 ? bytes.length : feed;
    if (to - from > LINE_BYTES) {
      throw new BrokenFile('too-large', `recording as CSV: expected lines of at most ${LINE_BYTES} bytes`);
    }
    yield text(bytes.subarray(from, to));
    from = to + 1;
  }
}

function text(line: Uint8Array): string {
  try {
    return UTF8.decode(line).replace(/\r$/, '');
  } catch (cause) {
    throw new BrokenFile('wrong-format', 'recording as CSV: expected UTF-8, got other bytes', { cause });
  }
}

const LINE_FEED = 10;
const LINE_BYTES = 1 << 20;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function headerNames(line: string, separator: string): string[] {
  const names = line.split(separator).map((cell) => cell.trim().replace(/^"([^"]*)"$/, '$1'));
  if (names.some((name) => name === '' || name.includes('"'))) {
    throw new BrokenFile('bad-header', 'recording as CSV: expected a name for each column');
  }
  if (names.every((name) => decimalNumber(name) !== undefined)) {
    throw new BrokenFile('bad-header', 'recording as CSV: expected names in the first row, got numbers');
  }
  if (new Set(names).size !== names.length) {
    throw new BrokenFile('bad-header', 'recording as CSV: expected different names, got one twice');
  }
  return names;
}

/** @param name of the study or site file, so it may be shown. */
function columnIndex(names: readonly string[], name: string): number {
  const index = names.indexOf(name);
  if (index >= 0) return index;
  throw new BrokenFile(
    'wrong-shape',
    `recording as CSV: expected a column ${JSON.stringify(name)}, got none of that name`,
  );
}

function number(cell: string, row: number): number {
  const trimmed = cell.trim();
  if (trimmed === '') return Number.NaN;
  const value = decimalNumber(trimmed);
  if (value !== undefined && Number.isFinite(Math.fround(value))) return value;
  throw new BrokenFile('wrong-format', `recording as CSV, row ${row + 1}: expected numbers below 3.4e38`);
}

function rowLength(row: number, expected: number, found: number, rows: number): BrokenFile {
  const reason = row === rows - 1 && found < expected ? 'truncated' : 'wrong-format';
  return new BrokenFile(reason, `recording as CSV, row ${row + 1}: expected ${expected} cells, got ${found}`);
}

/** @throws BrokenFile `bad-header` unless the times grow evenly. */
function rateOf(times: Float64Array, unit: 's' | 'ms'): number {
  const first = times[0] as number;
  const step = ((times.at(-1) as number) - first) / (times.length - 1);
  if (!(step > 0) || times.some((time, i) => !(Math.abs(time - first - i * step) <= JITTER * step))) {
    throw new BrokenFile('bad-header', 'recording as CSV: expected times that grow evenly');
  }
  return (unit === 's' ? 1 : 1000) / step;
}
