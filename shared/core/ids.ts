import { ConsiliumError } from './errors.ts';

declare const brand: unique symbol;

/** A `Base` that only one constructor can make, so a site id is never mistaken for a study id. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

export type SiteId = Brand<string, 'SiteId'>;
export type StudyId = Brand<string, 'StudyId'>;
export type ModalityId = Brand<string, 'ModalityId'>;
/** `encoder:<modality>`, `joint` or `site`. */
export type BlockId = Brand<string, 'BlockId'>;
/** Lower-case hex of a SHA-256. */
export type ContentHash = Brand<string, 'ContentHash'>;

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** @throws ConsiliumError `BAD_ID` unless 1-64 of `a-z`, `0-9` and `-`, not starting with `-`. */
export function siteId(text: string): SiteId {
  return checked(text, 'site id') as SiteId;
}

/** @throws ConsiliumError `BAD_ID`, as {@link siteId}. */
export function studyId(text: string): StudyId {
  return checked(text, 'study id') as StudyId;
}

/** @throws ConsiliumError `BAD_ID`, as {@link siteId}. */
export function modalityId(text: string): ModalityId {
  return checked(text, 'modality id') as ModalityId;
}

/** The parameters that only holders of `modality` train. */
export function encoderBlock(modality: ModalityId): BlockId {
  return `encoder:${modality}` as BlockId;
}

/** The parameters that every site trains. */
export const JOINT_BLOCK = 'joint' as BlockId;
/** The parameters that never leave a site. */
export const SITE_BLOCK = 'site' as BlockId;

/** The modality of an encoder block; undefined for `joint` and `site`. */
export function modalityOf(block: BlockId): ModalityId | undefined {
  return block.startsWith('encoder:') ? (block.slice('encoder:'.length) as ModalityId) : undefined;
}

/** @throws ConsiliumError `BAD_ID` unless `joint`, `site` or `encoder:<modality>`. */
export function blockId(text: string): BlockId {
  if (text === JOINT_BLOCK || text === SITE_BLOCK) return text as BlockId;
  if (text.startsWith('encoder:')) return encoderBlock(modalityId(text.slice('encoder:'.length)));
  throw new ConsiliumError(
    'BAD_ID',
    `block id: expected joint, site or encoder:<modality>, got ${JSON.stringify(text)}`,
  );
}

/** The scores of a study's modality subset of that place, summed in a secure session as a block's deltas are. */
export function scoresBlock(place: number): BlockId {
  return `scores:${place}` as BlockId;
}

/** What the census asks of the holders of a modality, or of all sites. */
export function censusBlock(modality: ModalityId | undefined): BlockId {
  return (modality === undefined ? 'census' : `census:${modality}`) as BlockId;
}

/**
 * What a secure session sums under one cohort: a block, or {@link scoresBlock}, or {@link censusBlock}.
 * @throws ConsiliumError `BAD_ID`.
 */
export function sumId(text: string): BlockId {
  return /^(scores:\d{1,4}|census(:[a-z0-9][a-z0-9-]{0,63})?)$/.test(text)
    ? (text as BlockId)
    : blockId(text);
}

/** @throws ConsiliumError `BAD_ID` unless 64 hexadecimal digits in lower case. */
export function contentHash(text: string): ContentHash {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new ConsiliumError('BAD_ID', `content hash: expected 64 of [0-9a-f], got ${JSON.stringify(text)}`);
  }
  return text as ContentHash;
}

function checked(text: string, what: string): string {
  if (!NAME.test(text)) {
    throw new ConsiliumError('BAD_ID', `${what}: expected 1-64 of [a-z0-9-], got ${JSON.stringify(text)}`);
  }
  return text;
}
