import type { ModalityFile } from './modality-schema.ts';
import type { StudyFile } from './schema.ts';

/** The sections of a study file that fit the schema; the others are undefined, and the rules about them rest. */
export interface StudyParts {
  /** All names, also of modalities whose own entry has faults. */
  readonly names: readonly string[];
  readonly modalities: ReadonlyMap<string, ModalityFile>;
  readonly task: StudyFile['task'] | undefined;
  readonly model: StudyFile['model'] | undefined;
  readonly training: StudyFile['training'] | undefined;
  readonly merge: StudyFile['merge'] | undefined;
  readonly privacy: StudyFile['privacy'] | undefined;
  readonly evaluation: StudyFile['evaluation'] | undefined;
}
