import { readText } from '../../shared/config/read-text.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type ContentHash, contentHash } from '../../shared/core/ids.ts';
import {
  type OpenedStudy,
  openDocument,
  openSignedStudy,
  openSource,
  readSignedStudyText,
} from '../../shared/identity/signed-study.ts';

export interface StudyArgument {
  readonly opened: OpenedStudy;
  /** Who signed it, as the file says; undefined for a study file without a signature. */
  readonly signedBy: string | undefined;
  /** Whether the signature was checked against a key of the roster. */
  readonly isChecked: boolean;
}

/**
 * Reads a study file, or a signed study.
 * @param leadKey the key of a lead by the roster that the site holds; undefined where it holds none.
 * @throws ConsiliumError `FILE_UNREADABLE`, `STUDY_INVALID`; `UNAUTHENTICATED` for a signature that is not the lead's.
 */
export function studyArgument(
  path: string,
  leadKey: ((lead: string) => Uint8Array | undefined) | undefined,
): StudyArgument {
  const text = readText(path, {
    what: 'a study file or a signed study',
    tooLong: 'STUDY_INVALID',
    hint: 'Check the path.',
  });
  const signed = readSignedStudyText(text);
  if (signed === undefined) {
    const opened = openSource({ source: text, settings: new Map() }, path);
    return { opened, signedBy: undefined, isChecked: false };
  }
  const signedBy = signed.lead;
  if (leadKey === undefined) return { opened: openDocument(signed.document), signedBy, isChecked: false };
  const { opened, problems } = openSignedStudy(signed, leadKey(signedBy));
  if (opened !== undefined) return { opened, signedBy, isChecked: true };
  throw new ConsiliumError('UNAUTHENTICATED', `${path}: ${problems.join('; ')}`, {
    hint: 'Ask the lead for the file again, and fetch the newest roster.',
  });
}

/** A study's hash as a person gives it. @throws ConsiliumError `BAD_ID`. */
export function hashArgument(text: string): ContentHash {
  return contentHash(text.replace(/^sha256:/, ''));
}
