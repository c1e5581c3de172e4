import { readFileSync } from 'node:fs';
import { hashSubwords } from '../../../shared/model/text-tokens.ts';
import { locateFile } from '../locate-file.ts';
import { packInstances } from '../rows.ts';
import type { SetAside } from '../set-aside.ts';
import type { BrokenReason } from './broken-file.ts';
import type { MediaList } from './list-media.ts';
import type { MediaModality } from './media-source.ts';
import type { MediaIntake } from './read-media.ts';

type TextModality = Extract<MediaModality, { kind: 'text' }>;

/** Of one note in a file. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A note as buckets: [tokens], 0 is padding. Given. */
export type Tokens = (text: string) => Int32Array;

/** Hashed subwords, which need no vocabulary. */
export function hashedTokens({ buckets, tokens }: TextModality): Tokens {
  return (text) => hashSubwords(text, { buckets, tokens });
}

/**
 * The patients' notes as buckets; of a patient with more notes than the study uses, the last ones. A note without any
 * subword counts for nothing.
 */
export function readNotes(modality: TextModality, list: MediaList, tokens: Tokens): MediaIntake {
  const perPatient = list.perPatient.map((texts) =>
    texts
      .map(tokens)
      .filter((buckets) => buckets[0] !== 0)
      .slice(-modality.instances),
  );
  const rows = perPatient.flat();
  const values = new Int32Array(rows.length * modality.tokens);
  rows.forEach((buckets, i) => {
    values.set(buckets, i * modality.tokens);
  });
  let next = 0;
  const rowsOfPatient = perPatient.map((notes) => notes.map(() => next++));
  return {
    values: {
      row: Int32Array.from(rowsOfPatient, (own) => own[0] ?? -1),
      ...(rowsOfPatient.some((own) => own.length > 1) ? { instances: packInstances(rowsOfPatient) } : {}),
      itemShape: [modality.tokens],
      values,
    },
    broken: [],
    stray: list.stray,
    facts: new Map([['notes', countsOf(list.perPatient.map((notes) => notesFact(notes.length)))]]),
  };
}

/** The same list with the content of the files in place of their paths. */
export function openNotes(
  folder: string,
  list: MediaList,
): { readonly list: MediaList; readonly broken: readonly SetAside[] } {
  const broken: SetAside[] = [];
  const perPatient = list.perPatient.map((paths) =>
    paths.flatMap((path) => {
      const text = readNote(folder, path);
      if (typeof text !== 'object') return [text];
      broken.push({ file: path, reason: text.reason, parts: undefined });
      return [];
    }),
  );
  return { list: { perPatient, stray: list.stray }, broken };
}

function readNote(folder: string, path: string): string | { readonly reason: BrokenReason } {
  const located = locateFile(folder, path);
  if (located.kind === 'outside') return { reason: 'outside-folder' };
  if (located.kind !== 'file') return { reason: 'unreadable' };
  if (located.sizeBytes === 0) return { reason: 'empty' };
  if (located.sizeBytes > MOST_BYTES) return { reason: 'too-large' };
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(located.real);
  } catch {
    return { reason: 'unreadable' };
  }
  try {
    return UTF8.decode(bytes);
  } catch {
    return { reason: 'wrong-format' };
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function notesFact(count: number): string {
  return count === 0 ? 'none' : count === 1 ? '1' : count <= 4 ? '2 to 4' : '5 or more';
}

function countsOf(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
