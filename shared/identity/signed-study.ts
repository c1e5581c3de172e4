import { ConsiliumError } from '../core/errors.ts';
import type { ContentHash } from '../core/ids.ts';
import { type SigningKey, verifySignature } from '../crypto/sign.ts';
import type { SignedStudy } from '../protocol/study-status.ts';
import { canonicalJson } from '../study/canonical.ts';
import { studyHash } from '../study/hash.ts';
import { parseStudy } from '../study/parse.ts';
import type { Study } from '../study/study.ts';
import { labelled } from './signed-bytes.ts';

/** A study file's text, and the settings that change it: key, value in YAML. */
export interface StudySource {
  readonly source: string;
  readonly settings: ReadonlyMap<string, string>;
}

export interface OpenedStudy extends StudySource {
  readonly study: Study;
  /** What sites approve. */
  readonly hash: ContentHash;
}

/** A source is at most a megabyte; JSON writes a character in six bytes at worst. */
const MAX_DOCUMENT_BYTES = 8 * 2 ** 20;

/**
 * What a lead signs. The source travels whole, so that whoever reviews it sees its comments as well.
 * @throws ConsiliumError `STUDY_INVALID`: only a study without faults can be signed.
 */
export function signStudy(
  lead: { readonly id: string; readonly key: SigningKey },
  { source, settings }: StudySource,
): SignedStudy {
  const document = Buffer.from(canonicalJson({ format: 1, source, settings }));
  openDocument(document);
  return {
    document: Uint8Array.from(document),
    lead: lead.id,
    signature: lead.key.sign(studyBytes(document)),
  };
}

/** What is behind a signed study, or every reason why it cannot be used. @param leadKey undefined: no such lead. */
export function openSignedStudy(
  signed: SignedStudy,
  leadKey: Uint8Array | undefined,
): { readonly opened?: OpenedStudy; readonly problems: readonly string[] } {
  const problems: string[] = [];
  if (leadKey === undefined)
    problems.push(`lead ${JSON.stringify(signed.lead)}: expected one of the roster, got another`);
  else if (!verifySignature(leadKey, studyBytes(signed.document), signed.signature)) {
    problems.push(`signature: expected one by ${signed.lead} over the document, got another`);
  }
  try {
    const opened = openDocument(signed.document);
    return problems.length === 0 ? { opened, problems } : { problems };
  } catch (error) {
    if (!(error instanceof ConsiliumError)) throw error;
    return { problems: [...problems, error.message] };
  }
}

/**
 * The study of a document, whoever signed it.
 * @throws ConsiliumError `STUDY_INVALID`, also for a document that is not in its one spelling.
 */
export function openDocument(document: Uint8Array): OpenedStudy {
  return openSource(readDocument(document));
}

/** @throws ConsiliumError `STUDY_INVALID` with every fault. @param fileName for messages only. */
export function openSource({ source, settings }: StudySource, fileName = 'study'): OpenedStudy {
  const overrides = [...settings]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  const study = parseStudy(source, fileName, overrides);
  return { source, settings, study, hash: studyHash(study) };
}

function readDocument(document: Uint8Array): StudySource {
  const text = Buffer.from(document).toString();
  const value = document.length <= MAX_DOCUMENT_BYTES ? parsed(text) : undefined;
  if (typeof value === 'object' && value !== null) {
    const { format, source, settings } = value as Record<string, unknown>;
    const isSound = format === 1 && typeof source === 'string' && isTexts(settings);
    if (isSound && canonicalJson({ format, source, settings }) === text) {
      return { source, settings: new Map(Object.entries(settings)) };
    }
  }
  throw new ConsiliumError(
    'STUDY_INVALID',
    'signed study: expected canonical JSON {format: 1, source, settings}, got another document',
  );
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === 'string')
  );
}

function studyBytes(document: Uint8Array): Uint8Array {
  return labelled('consilium/study/1', [document]);
}

/** A signed study as a file that people hand around. */
export function signedStudyText({ document, lead, signature }: SignedStudy): string {
  const file = {
    format: 1,
    lead,
    signature: Buffer.from(signature).toString('base64'),
    document: Buffer.from(document).toString(),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Undefined where the text is no such file; nothing in it is checked yet. */
export function readSignedStudyText(text: string): SignedStudy | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, lead, signature, document } = value as Record<string, unknown>;
  if (format !== 1 || [lead, signature, document].some((each) => typeof each !== 'string')) return undefined;
  return {
    document: Uint8Array.from(Buffer.from(document as string)),
    lead: lead as string,
    signature: Uint8Array.from(Buffer.from(signature as string, 'base64')),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
