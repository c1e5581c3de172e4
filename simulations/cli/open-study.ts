import { nearest } from '../../shared/config/check-schema.ts';
import { readText, type TextKind } from '../../shared/config/read-text.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';
import { shippedStudies } from '../studies/catalog.ts';
import type { StudyOptions } from './options.ts';

export interface OpenedStudy {
  readonly study: Study;
  /** Path of the file it was read from. */
  readonly file: string;
  /** The name, if it is one that ships. */
  readonly shipped: string | undefined;
}

/**
 * Reads a study that ships, by name, or any study file, by path. A path has a `/` or ends in `.yaml` or `.yml`.
 * @throws ConsiliumError `FILE_UNREADABLE`; `STUDY_INVALID` with all faults.
 */
export function openStudy({ study: wanted, settings }: StudyOptions): OpenedStudy {
  const isPath = /[/\\]|\.ya?ml$/.test(wanted);
  const file = isPath ? wanted : shippedStudies().get(wanted)?.tracks[0]?.studyFile;
  if (file === undefined) throw unknownName(wanted);
  const overrides = [...settings].map(([key, value]) => `${key}=${value}`);
  return {
    study: parseStudy(readText(file, STUDY), file, overrides),
    file,
    shipped: isPath ? undefined : wanted,
  };
}

function unknownName(name: string): ConsiliumError {
  const names = [...shippedStudies().keys()];
  const meant = nearest(name, names);
  const message = `study: expected the path of a study file or one of ${names.join(', ')}, got ${JSON.stringify(name)}`;
  const hint = meant === undefined ? 'Write ./name for a file of that name.' : `Did you mean "${meant}"?`;
  return new ConsiliumError('FILE_UNREADABLE', message, { hint });
}

const STUDY: TextKind = {
  what: 'a study file',
  tooLong: 'STUDY_INVALID',
  hint: 'Check the path, or begin one with: consilium study new NAME',
};
