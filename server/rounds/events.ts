import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { CensusResult, Declaration, Evaluation } from '../../shared/protocol/messages.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { ContributionFacts } from '../aggregation/contribution.ts';
import type { ModelBlocks } from './model-hash.ts';
import type { RoundPlan } from './plan.ts';

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
  | { readonly type: 'census.agreed'; readonly census: CensusResult; readonly epoch: number }
  | { readonly type: 'round.planned'; readonly round: number; readonly plan: RoundPlan }
  | {
      readonly type: 'contribution.accepted';
      readonly round: number;
      readonly attempt: number;
      readonly site: SiteId;
      readonly loss: number;
      readonly blocks: readonly AcceptedBlock[];
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
  | {
      readonly type: 'round.closed';
      readonly round: number;
      readonly attempt: number;
      readonly by: RoundReport['closedBy'];
    }
  /** The coordinator restarted without the contributions of the open round: everyone is asked again. */
  | { readonly type: 'round.reopened'; readonly round: number; readonly attempt: number }
  | {
      readonly type: 'round.committed';
      readonly round: number;
      /** Hashes of the blocks that changed. */
      readonly blocks: ModelBlocks;
      readonly optimizer: ReadonlyMap<BlockId, OptimizerRecord>;
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
  | {
      readonly type: 'evaluation.closed';
      readonly round: number;
      readonly purpose: EvaluationPlan['purpose'];
      /** Higher is better; undefined where there is nothing to score. */
      readonly score: number | undefined;
    }
  | { readonly type: 'study.finished' }
  | { readonly type: 'study.aborted'; readonly code: string; readonly reason: string }
);

export interface AcceptedBlock extends ContributionFacts {
  /** Of the vector; undefined where contributions are not stored. */
  readonly blob: ContentHash | undefined;
}

/** An optimizer's state of one block, its arrays by content hash. */
export interface OptimizerRecord {
  readonly step: number;
  readonly moments: readonly ContentHash[];
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
