import { hashSubwords } from '../../../shared/model/text-tokens.ts';
import { packInstances } from '../rows.ts';
import type { MediaList } from './list-media.ts';
import {
  FactCounter,
  listLeftOut,
  type MediaIntake,
  type ModalityProgress,
  withMonths,
} from './media-intake.ts';
import type { MediaModality } from './media-source.ts';
import type { NoteTexts } from './note-texts.ts';
import { pause } from './pause.ts';
import { probableLanguage } from './probable-language.ts';

type TextModality = Extract<MediaModality, { kind: 'text' }>;

/** A note as numbers from 1 on: [tokens], filled up with 0. Given. */
export type Tokens = (text: string) => Int32Array;

/** Hashed subwords, which need no vocabulary. */
export function hashedTokens({ buckets, tokens }: TextModality): Tokens {
  return (text) => hashSubwords(text, { buckets, tokens });
}

/** Patients whose notes are read without a pause, so that other events of the process are heard in between. */
const PATIENTS_PER_PAUSE = 64;

/**
 * The patients' notes as numbers; of a patient with more notes than the study uses, the last ones. A note without any
 * token counts for nothing, and the one before it stands in, as for one that is set aside.
 */
export async function readNotes(
  modality: TextModality,
  list: MediaList,
  how: {
    readonly texts: NoteTexts;
    readonly tokens: Tokens;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: ModalityProgress) => void;
  },
): Promise<MediaIntake> {
  const { id, instances } = modality;
  const { texts, tokens } = how;
  const facts = new FactCounter();
  const rows: Int32Array[] = [];
  const perPatient: number[][] = [];
  for (const entries of list.perPatient) {
    how.signal?.throwIfAborted();
    if (perPatient.length % PATIENTS_PER_PAUSE === 0) await pause();
    const own: Int32Array[] = [];
    for (let i = entries.length - 1; i >= 0 && own.length < instances; i--) {
      const text = texts.read(entries[i] as string);
      if (text === undefined) continue;
      const numbers = tokens(text);
      if (numbers[0] === 0) continue;
      own.push(numbers);
      facts.add('probable language', probableLanguage(text));
    }
    facts.add('notes', notesFact(entries.length));
    perPatient.push(own.map((_, k) => rows.length + k));
    rows.push(...own.reverse());
    const { length } = perPatient;
    how.onProgress?.({ modality: id, done: length, total: list.perPatient.length, unit: 'patients' });
  }
  const values = new Int32Array(rows.length * modality.tokens);
  rows.forEach((numbers, i) => {
    values.set(numbers, i * modality.tokens);
  });
  return {
    values: {
      row: Int32Array.from(perPatient, (own) => own[0] ?? -1),
      ...(perPatient.some((own) => own.length > 1) ? { instances: packInstances(perPatient) } : {}),
      itemShape: [modality.tokens],
      values,
    },
    read: rows.length,
    broken: texts.setAside(),
    stray: list.stray,
    leftOut: listLeftOut(id, list),
    facts: withMonths(facts.counts(), list),
    shared: [],
  };
}

function notesFact(count: number): string {
  return count === 0 ? 'none' : count === 1 ? '1' : count <= 4 ? '2 to 4' : '5 or more';
}
