import { writeFileSync } from 'node:fs';
import { readText } from '../../shared/config/read-text.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { type PassphraseSource, readSigningKey } from '../../shared/crypto/key-file.ts';
import { openDocument, signedStudyText, signStudy } from '../../shared/identity/signed-study.ts';

export interface StudySignOptions {
  readonly studyFile: string;
  readonly settings: ReadonlyMap<string, string>;
  /** Key file of the lead. */
  readonly keyFile: string;
  /** Undefined: beside the study, with `.signed.json` for its ending. */
  readonly outputFile: string | undefined;
  readonly passphrase: PassphraseSource;
}

/**
 * Signs a study as its lead and writes what a coordinator starts and sites review.
 * @throws ConsiliumError `STUDY_INVALID`, `FILE_UNREADABLE`, and as `readSigningKey`.
 */
export async function studySign(options: StudySignOptions, _io: CommandIo): Promise<CommandResult> {
  const { studyFile, settings, keyFile, passphrase } = options;
  const source = readText(studyFile, {
    what: 'a study file',
    tooLong: 'STUDY_INVALID',
    hint: 'Check the path, or begin one with: consilium study new NAME',
  });
  const lead = await readSigningKey(keyFile, passphrase);
  const signed = signStudy(lead, { source, settings });
  const { study, hash } = openDocument(signed.document);
  const file = options.outputFile ?? `${studyFile.replace(/\.ya?ml$/, '')}.signed.json`;
  try {
    writeFileSync(file, signedStudyText(signed));
  } catch (cause) {
    const found = fileProblem(cause, 'write there');
    throw new ConsiliumError('FILE_UNREADABLE', `${file}: expected a place to write, got ${found}`, {
      cause,
    });
  }
  return {
    text: `wrote ${file}\nstudy ${study.id}, signed by ${lead.id}\nhash  sha256:${hash}`,
    data: { study: study.id, lead: lead.id, hash, file },
  };
}
