import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { CensusResult, Declaration, Evaluation } from '../../shared/protocol/messages.ts';
import type { ModelBlocks } from '../../shared/protocol/model-hash.ts';
import type { PrivacyStatement } from '../../shared/protocol/privacy-statement.ts';
import type { OptimizerRecord } from '../../shared/protocol/round-record.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { SecureContext, SecurePurpose } from '../../shared/protocol/secure-session.ts';
import type { ContributionFacts } from '../aggregation/contribution.ts';
import type { SessionStage } from '../secagg/session.ts';
import type { RoundPlan } from './plan.ts';
import type { RevealedIteration } from './revealed-sums.ts';

/** Everything that can happen to a study, as the coordinator stores it. Tags are never renamed or reused. */
export type StudyEvent = { readonly timeMs: number } & (
  | {
      readonly type: 'study.opened';
      readonly studyHash: ContentHash;
      readonly roster: readonly SiteId[];
      readonly blocks: ModelBlocks;
    }
  /** Also when a site declares anew, because it gained or lost a modality. `number` counts all declarations. */
  | { readonly type: 'site.declared'; readonly declaration: Declaration; readonly number: number }
  /** Of a site with noise; one of a larger band than before, or the first. */
  | { readonly type: 'privacy.stated'; readonly statement: PrivacyStatement }
  | { readonly type: 'census.agreed'; readonly census: CensusResult; readonly epoch: number }
  /** The coordinator restarted without the sites' counts: they are summed anew. */
  | { readonly type: 'census.reopened'; readonly attempt: number }
  | { readonly type: 'round.planned'; readonly round: number; readonly plan: RoundPlan }
  | {
      readonly type: 'contribution.accepted';
      readonly round: number;
      readonly attempt: number;
      readonly site: SiteId;
      readonly loss: number;
      readonly blocks: readonly AcceptedBlock[];
      /** Of the update as the site committed it; absent in a simulation, and in events of earlier releases. */
      readonly content?: ContentHash;
    }
  | {
      readonly type: 'contribution.refused';
      readonly round: number;
      readonly attempt: number;
      readonly site: SiteId;
      readonly reason: string;
    }
  | {
      readonly type: 'site.declined';
      readonly round: number;
      readonly attempt: number;
      readonly site: SiteId;
    }
  /** Secure aggregation: the site holds its vectors of these blocks, to be masked once the round's session asks for them. */
  | {
      readonly type: 'site.trained';
      readonly round: number;
      readonly attempt: number;
      readonly site: SiteId;
      readonly blocks: readonly BlockId[];
    }
  | {
      readonly type: 'round.closed';
      readonly round: number;
      readonly attempt: number;
      readonly by: RoundReport['closedBy'];
    }
  | {
      readonly type: 'secure.opened';
      readonly round: number;
      readonly context: SecureContext;
      readonly invited: readonly SiteId[];
    }
  | {
      readonly type: 'secure.received';
      readonly round: number;
      readonly purpose: SecurePurpose;
      readonly message: StoredSecureMessage;
    }
  /** The site takes no further part in the session. */
  | {
      readonly type: 'secure.withdrawn';
      readonly round: number;
      readonly purpose: SecurePurpose;
      readonly attempt: number;
      readonly site: SiteId;
    }
  /** The stage's messages are all that count; who is not among them has vanished from the session. */
  | {
      readonly type: 'secure.closed';
      readonly round: number;
      readonly purpose: SecurePurpose;
      readonly attempt: number;
      readonly stage: SessionStage;
      readonly outcome: SecureOutcome;
    }
  /** Secure aggregation: a sum was revealed by which the sites weigh anew what they bring to the next. */
  | {
      readonly type: 'round.iterated';
      readonly round: number;
      readonly attempt: number;
      /** From 0. */
      readonly iteration: number;
      readonly revealed: RevealedIteration;
    }
  /** The coordinator restarted without the contributions of the open round: everyone is asked again. */
  | { readonly type: 'round.reopened'; readonly round: number; readonly attempt: number }
  | {
      readonly type: 'round.committed';
      readonly round: number;
      /** Hashes of the blocks that changed. */
      readonly blocks: ModelBlocks;
      readonly optimizer: ReadonlyMap<BlockId, OptimizerRecord>;
      /** Absent without secure aggregation, and in events of earlier releases. */
      readonly published?: PublishedRound;
      readonly report: RoundReport;
    }
  | { readonly type: 'round.failed'; readonly round: number; readonly report: RoundReport }
  | { readonly type: 'evaluation.opened'; readonly round: number; readonly evaluation: EvaluationPlan }
  | {
      readonly type: 'evaluation.received';
      readonly purpose: EvaluationPlan['purpose'];
      readonly round: number;
      readonly evaluation: Evaluation;
    }
  | {
      readonly type: 'evaluation.declined';
      readonly purpose: EvaluationPlan['purpose'];
      readonly round: number;
      readonly site: SiteId;
    }
  /** Secure aggregation: the site holds its scores of these subsets, to be masked once the session asks for them. */
  | {
      readonly type: 'evaluation.ready';
      readonly purpose: EvaluationPlan['purpose'];
      readonly round: number;
      readonly attempt: number;
      readonly site: SiteId;
      readonly blocks: readonly BlockId[];
    }
  /** What the session revealed, of all sites together. */
  | {
      readonly type: 'evaluation.revealed';
      readonly purpose: EvaluationPlan['purpose'];
      readonly round: number;
      readonly evaluation: Evaluation;
    }
  /** Secure aggregation: what the round's own evaluation revealed; nothing is summed a second time. */
  | { readonly type: 'evaluation.reused'; readonly round: number }
  /** The coordinator restarted without the sites' vectors: everyone is asked again. */
  | {
      readonly type: 'evaluation.reopened';
      readonly purpose: EvaluationPlan['purpose'];
      readonly round: number;
      readonly attempt: number;
    }
  | {
      readonly type: 'evaluation.closed';
      readonly round: number;
      readonly purpose: EvaluationPlan['purpose'];
      /** Higher is better; undefined where there is nothing to score. */
      readonly score: number | undefined;
    }
  /** Rounds that failed before it count no longer. `round`: the last one that ended. */
  | { readonly type: 'study.resumed'; readonly round: number }
  | { readonly type: 'study.finished' }
  | { readonly type: 'study.aborted'; readonly code: string; readonly reason: string }
);

export interface AcceptedBlock extends ContributionFacts {
  /** What holds the vector; undefined where contributions are not stored. */
  readonly blob: ContentHash | undefined;
  /** Values of the blob before the vector; none unless given. */
  readonly from?: number;
}

/** Where a stage's end leaves the session. */
export type SecureOutcome =
  | { readonly kind: 'next' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed'; readonly reason: string; readonly canRetry: boolean };

/** A site's message of a secure session, as it is stored. */
export interface StoredSecureMessage {
  /** Of the session. */
  readonly attempt: number;
  readonly stage: SessionStage;
  readonly site: SiteId;
  /** Of the whole message. */
  readonly blob: ContentHash;
  /** Of the masked vectors that came with it. */
  readonly vectors: ReadonlyMap<BlockId, ContentHash>;
}

/** Secure aggregation: what sites repeat a round with. */
export interface PublishedRound {
  readonly round: number;
  /** Signed `RoundRecord`. */
  readonly record: ContentHash;
  /** The sums, and the weights and moments before them. */
  readonly sources: readonly ContentHash[];
}

export interface EvaluationPlan {
  /** `round`: the model of a round, on validation patients; `final-...`: the model that is published. */
  readonly purpose: 'round' | 'final-validation' | 'final-test';
  /** Whose model is evaluated. */
  readonly round: number;
  readonly part: 'validation' | 'test';
  /** Names of modalities per subset, the full set first. */
  readonly subsets: readonly (readonly string[])[];
  readonly blocks: ModelBlocks;
  readonly sites: readonly SiteId[];
}
