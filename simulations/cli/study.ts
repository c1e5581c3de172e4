import { writeFileSync } from 'node:fs';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { studyId } from '../../shared/core/ids.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import { canonicalJson } from '../../shared/study/canonical.ts';
import { studyHash as hashOf } from '../../shared/study/hash.ts';
import { explainStudy } from './explain-study.ts';
import { openStudy } from './open-study.ts';
import type { StudyNewOptions, StudyOptions } from './options.ts';
import { studyTemplate } from './study-template.ts';

/**
 * Writes a commented study that passes the check.
 * @throws ConsiliumError `BAD_ID` for a name that is no study id; `BAD_ARGUMENT` where the file exists and `force` is
 * not given; `FILE_UNREADABLE` where it cannot be written.
 */
export function studyNew(options: StudyNewOptions, _io: CommandIo): CommandResult {
  const id = studyId(options.name);
  const file = options.outputFile ?? `${id}.yaml`;
  try {
    // `wx` refuses an existing file in one step, so nothing written meanwhile is lost.
    writeFileSync(file, studyTemplate(id), { flag: options.force ? 'w' : 'wx' });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'an unknown failure';
    if (reason === 'EEXIST') {
      throw new ConsiliumError('BAD_ARGUMENT', `${file}: expected no such file, got an existing one`, {
        cause: error,
        hint: 'Give another path with --output, or --force to replace it.',
      });
    }
    throw new ConsiliumError('FILE_UNREADABLE', `${file}: expected a place to write, got ${reason}`, {
      cause: error,
    });
  }
  return {
    text: `wrote ${file}\nnext: edit it, then run: consilium study check ${file}`,
    data: { study: id, file },
  };
}

/** @throws ConsiliumError `STUDY_INVALID` with every fault at once, one line each. */
export function studyCheck(options: StudyOptions, _io: CommandIo): CommandResult {
  const { study, file } = openStudy(options);
  const hash = hashOf(study);
  return {
    text: `${file}: no faults\nstudy ${study.id}\nhash  ${hash}`,
    data: { study: study.id, file, hash },
  };
}

/** What is trained, on what, how it is merged and judged, and what leaves a hospital: in words, with all defaults. */
export function studyShow(options: StudyOptions, _io: CommandIo): CommandResult {
  const { study } = openStudy(options);
  const hash = hashOf(study);
  const blocks = [...studyLayouts(study).values()].map(({ id, size, tensors }) => ({
    id,
    parameters: size,
    tensors: tensors.map(({ name, shape }) => ({ name, shape })),
  }));
  // Canonical JSON turns the maps of the study into what any reader of JSON understands.
  const settings: unknown = JSON.parse(canonicalJson(study));
  return { text: explainStudy(study, { hash, blocks }), data: { hash, blocks, settings } };
}

/** The hash that sites approve; nothing else, so that scripts can take it as it is. */
export function studyHash(options: StudyOptions, _io: CommandIo): CommandResult {
  const { study, file } = openStudy(options);
  const hash = hashOf(study);
  return { text: hash, data: { study: study.id, file, hash } };
}
