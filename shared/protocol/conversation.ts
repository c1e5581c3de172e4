import type { ContentHash, SiteId } from '../core/ids.ts';
import type { LastingSignature } from './envelope.ts';
import type { Instruction, SecureSubmission } from './messages.ts';

/** Asks for the site's next instruction in a study. */
export interface AwaitInstructionRequest {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
}

export type AwaitInstructionReply =
  | { readonly kind: 'nothing-yet' }
  /** Content: an encoded {@link AddressedInstruction}. */
  | ({ readonly kind: 'instruction' } & LastingSignature);

/** An instruction that stands by itself once it is signed. */
export interface AddressedInstruction {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
  readonly instruction: Instruction;
}

/** Asks for the records of rounds above `afterRound`. */
export interface FetchRecordsRequest {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
  readonly afterRound: number;
}

/** Turns staged content into a contribution or an evaluation. */
export interface CommitRequest {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
  readonly round: number;
  readonly contentHash: ContentHash;
}

/** A message of a secure session as it travels: the vectors that it is the manifest of were staged before. */
export interface SecureSubmissionRequest extends Omit<SecureSubmission, 'vectors'> {
  /** Of the staged vectors; undefined where the message has none. */
  readonly contentHash: ContentHash | undefined;
}

export interface DeclineRequest {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
  readonly round: number;
}

/** That the site advances, not merely lives. */
export interface ProgressRequest {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
  readonly round: number;
  /** Local steps of the round so far. */
  readonly step: number;
  /** 0 while it is not known. */
  readonly totalSteps: number;
}
