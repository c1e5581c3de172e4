import type { ModalityId } from '../../../shared/core/ids.ts';
import type { ModalityValues } from '../cohort.ts';
import type { LeftOut, SetAside } from '../set-aside.ts';
import type { MediaList } from './list-media.ts';

/** A modality as read from its files or texts, and what the data check says of them. */
export interface MediaIntake {
  readonly values: ModalityValues;
  /** Files or notes that could be read. */
  readonly read: number;
  /** Files that were set aside. */
  readonly broken: readonly SetAside[];
  /** Files or rows of nobody in the cohort. */
  readonly stray: number;
  readonly leftOut: readonly LeftOut[];
  /** How often each fact was seen: `orientation` → `axial` → 12. */
  readonly facts: MediaFactCounts;
  /** Ids of patients who have a file with one and the same content, as of `patientsAlike`. */
  readonly shared: readonly (readonly string[])[];
}

export type MediaFactCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** So much of a modality is read: of its patients, or of its files where these say whose they are. */
export interface ModalityProgress {
  readonly modality: ModalityId;
  readonly done: number;
  readonly total: number;
  readonly unit: 'patients' | 'files';
}

/** What the list of a modality's files alone leaves out. */
export function listLeftOut(subject: ModalityId, { ambiguous }: MediaList): LeftOut[] {
  if (ambiguous === 0) return [];
  const problem =
    'files left out, since their path fits several patients; let `files` say where the id ends, or name the files in a table';
  return [{ subject, count: ambiguous, problem }];
}

/** With the months between which the rows of the list lie, where it has dates. */
export function withMonths(facts: MediaFactCounts, { months }: MediaList): MediaFactCounts {
  if (months === undefined) return facts;
  const { first, last, rows } = months;
  return new Map([...facts, ['dates', new Map([[`${first} to ${last}`, rows]])]]);
}

/** Counts facts; the order of counting does not show. */
export class FactCounter {
  readonly #counts = new Map<string, Map<string, number>>();

  add(name: string, value: string): void {
    const values = this.#counts.get(name) ?? new Map<string, number>();
    this.#counts.set(name, values.set(value, (values.get(value) ?? 0) + 1));
  }

  counts(): MediaFactCounts {
    return sorted([...this.#counts].map(([name, values]) => [name, sorted([...values])]));
  }
}

function sorted<T>(entries: [string, T][]): Map<string, T> {
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
