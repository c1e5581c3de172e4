import { findFiles } from '../locate-file.ts';
import { type Column, canonical, cell, NUMBER, type Table } from '../table.ts';

/** The files or texts of each patient, in the order in which they count. */
export interface MediaList {
  /** [patients]. */
  readonly perPatient: readonly (readonly string[])[];
  /** Files or rows of nobody in the cohort. */
  readonly stray: number;
}

/**
 * Files by the patient in their path, sorted by path. What `{patient}` stands for ends where the pattern goes on, as
 * early as makes a known id, else as late: `{patient}_*.png` finds `7_a_b.png` for patient 7, or for 7_a.
 * @param folder real path of the data folder.
 */
export function listByPath(
  folder: string,
  patterns: readonly string[],
  patientIds: readonly string[],
): MediaList {
  const index = new Map(patientIds.map((id, i) => [id, i]));
  const perPatient = patientIds.map((): string[] => []);
  let stray = 0;
  for (const pattern of patterns) {
    const readers = [patientIn(pattern, '[^/]+?'), patientIn(pattern, '[^/]+')];
    for (const file of findFiles(folder, pattern.replace('{patient}', '*'))) {
      const known = readers
        .map((reader) => index.get(reader.exec(file)?.[1] ?? ''))
        .find((patient) => patient !== undefined);
      if (known === undefined) stray++;
      else perPatient[known]?.push(file);
    }
  }
  return { perPatient: perPatient.map((files) => [...new Set(files)].sort(byName)), stray };
}

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
  return { perPatient, stray };
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

/** Finds the id in a path that fits the pattern. */
function patientIn(pattern: string, id: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*|\?|\{patient\})/).map((part) => {
    switch (part) {
      case '**/':
        return '(?:[^/]+/)*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{patient}':
        return `(${id})`;
      default:
        return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    }
  });
  return new RegExp(`^${parts.join('')}$`);
}
