import type { BlockId, ContentHash, SiteId, StudyId } from '../core/ids.ts';
import type { PrivacyStatement } from './privacy-statement.ts';
import type { RoundReport } from './round-report.ts';

/** Where a study stands, as the coordinator vouches for it to those who may know of a later state. */
export interface StudyHead {
  readonly studyHash: ContentHash;
  /** The last committed round; 0: none. */
  readonly round: number;
  readonly modelHash: ContentHash;
  /** Of the last event. */
  readonly eventSeq: number;
  readonly eventHash: ContentHash;
  readonly timeMs: number;
}

export type StudyPhase =
  | 'declaring'
  | 'idle'
  | 'training'
  | 'securing'
  | 'merging'
  | 'evaluating'
  | 'paused'
  | 'complete'
  | 'aborted';

export interface StudySummary {
  readonly studyHash: ContentHash;
  readonly study: StudyId;
  /** Id of the study's lead. */
  readonly lead: string;
  readonly phase: StudyPhase;
  /** The open round, or the last one. */
  readonly round: number;
  readonly rounds: number;
  readonly modelHash: ContentHash;
  /** Why it is paused or aborted; else empty. */
  readonly reason: string;
}

/** What a site was last seen to have reached in the open round (`reliability.md` §2). */
export type SiteStanding =
  | 'registered'
  | 'configured'
  | 'training'
  | 'trained'
  | 'uploaded'
  | 'merged'
  | 'declined'
  | 'away'
  | 'vanished'
  | 'refused'
  | 'late';

export interface SiteSummary {
  readonly site: SiteId;
  readonly standing: SiteStanding;
  /** How long it has been so. */
  readonly ageMs: number;
  readonly step: number;
  /** 0 while it is not known. */
  readonly totalSteps: number;
  readonly reason: string;
  /** What the site holds. */
  readonly blocks: readonly BlockId[];
  /** What it stated of its noise; absent where it stated nothing. */
  readonly privacy?: PrivacyStatement;
}

export interface StudyStatus {
  readonly summary: StudySummary;
  readonly sites: readonly SiteSummary[];
}

/** Data alone: canonical JSON with all defaults resolved. */
export interface SignedStudy {
  readonly document: Uint8Array;
  readonly lead: string;
  /** Ed25519 by the lead, 64 bytes. */
  readonly signature: Uint8Array;
}

export interface Approval {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly policyHash: ContentHash;
  readonly untilMs: number;
  /** Ed25519 by the site, 64 bytes, over the fields above. */
  readonly signature: Uint8Array;
}

export interface Withdrawal {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
}

/** The site knows a later round than the coordinator's and agrees to go on from this one. */
export interface RollbackConsent {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly round: number;
}

export interface StartStudyRequest {
  readonly study: SignedStudy;
  /** Empty: all active ones. */
  readonly sites: readonly SiteId[];
}

export interface StudyCommand {
  readonly studyHash: ContentHash;
  /** For the log and the sites; may be empty. */
  readonly reason: string;
}

export interface WatchStudyRequest {
  readonly studyHash: ContentHash;
  /** Events above this number, in order; 0: from the first. */
  readonly afterSeq: number;
}

export interface WatchStudyReply {
  /** The number to ask with next. */
  readonly seq: number;
  readonly status: StudyStatus;
  /** Of the rounds that ended since, in order. */
  readonly rounds: readonly RoundReport[];
}
