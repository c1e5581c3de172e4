import { findFiles } from '../locate-file.ts';
import { type Column, canonical, cell, NUMBER, type Table } from '../table.ts';

/** The files or texts of each patient, in the order in which they count. */
export interface MediaList {
  /** [patients]. */
  readonly perPatient: readonly (readonly string[])[];
  /** Files or rows of nobody in the cohort. */
  readonly stray: number;
  /** Files whose path fits several patients: nobody has them. */
  readonly ambiguous: number;
  /** Of rows in the order of a column of dates: the first and the last month, and how many rows have one. */
  readonly months?: { readonly first: string; readonly last: string; readonly rows: number };
}

/**
 * Files by the patient in their path, sorted by path. What `{patient}` stands for is whatever makes the id of a known
 * patient: `{patient}_*.png` finds `7_a_b.png` for patient 7 or for 7_a. Where both are known, it is of neither.
 * @param folder real path of the data folder.
 */
export function listByPath(
  folder: string,
  patterns: readonly string[],
  patientIds: readonly string[],
): MediaList {
  const index = new Map(patientIds.map((id, i) => [id, i]));
  const owners = new Map<string, number>();
  for (const pattern of patterns) {
    const idsIn = idReader(pattern);
    for (const file of findFiles(folder, pattern.replace('{patient}', '*'))) {
      let owner = owners.get(file) ?? NOBODY;
      for (const id of idsIn(file)) {
        const patient = index.get(id);
        if (patient === undefined || patient === owner) continue;
        owner = owner === NOBODY ? patient : SEVERAL;
      }
      owners.set(file, owner);
    }
  }
  const perPatient = patientIds.map((): string[] => []);
  let stray = 0;
  let ambiguous = 0;
  for (const [file, owner] of owners) {
    if (owner === NOBODY) stray++;
    else if (owner === SEVERAL) ambiguous++;
    else perPatient[owner]?.push(file);
  }
  return { perPatient: perPatient.map((files) => files.sort(byName)), stray, ambiguous };
}

const NOBODY = -1;
const SEVERAL = -2;

/** Files of a pattern whose patient is not known from the path. */
export function listAll(folder: string, patterns: readonly string[]): string[] {
  return [...new Set(patterns.flatMap((pattern) => findFiles(folder, pattern)))].sort(byName);
}

/** One column of a patient's rows, sorted by another; empty cells are passed over. */
export function listByRow(
  table: Table,
  columns: { readonly ids: readonly string[]; readonly value: Column; readonly order: Column | undefined },
  patientIds: readonly string[],
): MediaList {
  const index = new Map(patientIds.map((id, i) => [id, i]));
  const rows = patientIds.map((): number[] => []);
  let stray = 0;
  for (let row = 0; row < table.rows; row++) {
    const patient = index.get(columns.ids[row] ?? '');
    if (patient === undefined) stray++;
    else rows[patient]?.push(row);
  }
  const { value, order } = columns;
  const perPatient = rows.map((own) => {
    const sorted =
      order === undefined ? own : own.toSorted((a, b) => compare(cell(order, a), cell(order, b)));
    return sorted.map((row) => String(cell(value, row) ?? '').trim()).filter((each) => each !== '');
  });
  const months = order === undefined ? undefined : monthsOf(order, rows.flat());
  return { perPatient, stray, ambiguous: 0, ...(months === undefined ? {} : { months }) };
}

/** Undefined where no cell starts as a date does in ISO 8601. */
function monthsOf(order: Column, rows: readonly number[]): MediaList['months'] {
  const months = rows
    .map((row) => /^\d{4}-(0[1-9]|1[0-2])(?=-|$)/.exec(String(cell(order, row) ?? '').trim())?.[0])
    .filter((month) => month !== undefined)
    .sort();
  const [first] = months;
  const last = months.at(-1);
  return first === undefined || last === undefined ? undefined : { first, last, rows: months.length };
}

/** `img2` before `img10`; the same on every machine. */
function byName(a: string, b: string): number {
  return COLLATOR.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });

/** Numbers by size, then texts; empty cells first. */
function compare(a: number | string | undefined, b: number | string | undefined): number {
  const [left, right] = [canonical(a) ?? '', canonical(b) ?? ''];
  if (NUMBER.test(left) && NUMBER.test(right)) return Number(left) - Number(right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Every text that `{patient}` may stand for in a path that fits the pattern. */
function idReader(pattern: string): (path: string) => Iterable<string> {
  const whole = pattern.replace(/(^|\/)\*\*$/, '$1**/*');
  const [before = '', after = ''] = whole.split('{patient}');
  const [begins, ends] = [regExpOf(before), regExpOf(after)];
  const [last, first] = [literal(before.at(-1)), literal(after[0])];
  return function* (path) {
    const places = Array.from({ length: path.length + 1 }, (_, i) => i);
    const starts = places.filter(
      (i) => (i === 0 || last === undefined || path[i - 1] === last) && begins.test(path.slice(0, i)),
    );
    const stops = places.filter(
      (i) => (i === path.length || first === undefined || path[i] === first) && ends.test(path.slice(i)),
    );
    for (const start of starts) {
      const folder = path.indexOf('/', start);
      for (const stop of stops) {
        if (stop > start && (folder < 0 || stop <= folder)) yield path.slice(start, stop);
      }
    }
  };
}

/** The character where it stands for itself. */
function literal(character: string | undefined): string | undefined {
  return character === '*' || character === '?' ? undefined : character;
}

function regExpOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*|\?)/).map((part) => {
    switch (part) {
      case '**/':
        return '(?:[^/]+/)*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      default:
        return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    }
  });
  return new RegExp(`^${parts.join('')}$`);
}
