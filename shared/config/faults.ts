import type { ErrorCode } from '../core/catalog.ts';
import { ConsiliumError } from '../core/errors.ts';
import { plural } from '../core/plural.ts';

/** One thing that is wrong with a file that a person wrote. */
export interface Fault {
  /** As the person named it; `--set …` for a value that came from a flag. */
  readonly file: string;
  /** From 1; 0 where the file has no lines, such as a flag. */
  readonly line: number;
  /** From 1, in UTF-16 units; 0 as `line`. */
  readonly column: number;
  /** `modalities.xray.kind`; empty for the whole file. */
  readonly path: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** Completes "got …". */
  readonly found: string;
  /** For a fault that is refused under a code of its own. */
  readonly code?: ErrorCode;
}

/** Enough to mend a file by; the rest is counted. */
const MAX_LINES = 100;

/** One line for each fault, in the order of the file, repetitions left out; a last line counts those beyond a hundred. */
export function formatFaults(faults: readonly Fault[]): string {
  const sorted = [...faults].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.path, b.path),
  );
  const lines = [...new Set(sorted.map(formatFault))];
  const more = lines.length > MAX_LINES ? [`and ${plural(lines.length - MAX_LINES, 'more fault')}`] : [];
  return [...lines.slice(0, MAX_LINES), ...more].join('\n');
}

/**
 * @param hint what to do next.
 * @throws ConsiliumError `code`, or the faults' own where they all have the same, with one line for each fault, if there
 * is any.
 */
export function refuseFaults(code: ErrorCode, faults: readonly Fault[], hint?: string): void {
  if (faults.length === 0) return;
  const own = faults[0]?.code;
  const isShared = faults.every((fault) => fault.code === own);
  throw new ConsiliumError(
    (isShared && own) || code,
    formatFaults(faults),
    hint === undefined ? {} : { hint },
  );
}

/** A value as a message may show it: short, on one line. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

/** `a.b[2].c`; a key with other characters than letters, digits, `_`, `-` and `:` is quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      const text = String(part);
      const word = /^[\p{L}\p{N}_:-]+$/u.test(text) ? text : JSON.stringify(text.slice(0, 60));
      return i === 0 ? word : `.${word}`;
    })
    .join('');
}

function formatFault(fault: Fault): string {
  const where = fault.line > 0 ? `${fault.file}:${fault.line}:${fault.column}` : fault.file;
  const path = fault.path === '' ? '' : ` ${fault.path}`;
  return `${where}${path}: expected ${fault.expected}, got ${fault.found}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
