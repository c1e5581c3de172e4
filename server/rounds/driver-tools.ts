import type { Clock } from '../../shared/core/clock.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { ServerOptimizer } from '../../shared/merge/server-optimizer.ts';
import type { Evaluation } from '../../shared/protocol/messages.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { Study } from '../../shared/study/study.ts';
import type { IdleTime } from './closing.ts';
import type { EvaluationPlan } from './events.ts';
import type { RoundPolicy } from './policy.ts';
import type { RoundSums } from './round-sums.ts';
import type { SecureSide } from './secure-session.ts';
import type { StudyJournal } from './study-journal.ts';
import type { TensorBlobs } from './tensor-blobs.ts';

/** What running one study takes. */
export interface DriverTools {
  readonly study: Study;
  readonly studyHash: ContentHash;
  /** d of every block. */
  readonly sizes: ReadonlyMap<BlockId, number>;
  readonly secure: SecureSide;
  /** Tells those who wait that there may be something to do. */
  wake?(): void;
  readonly policy: RoundPolicy;
  readonly clock: Clock;
  readonly journal: StudyJournal;
  readonly blobs: TensorBlobs;
  readonly sums: RoundSums;
  readonly optimizer: ServerOptimizer;
  /** Has the study wait for somebody to resume it; without it the study is aborted instead. */
  pause?(reason: string): Promise<void>;
  participation?(round: number): ReadonlySet<SiteId>;
  readonly idleMs?: IdleTime;
  score?(evaluations: readonly Evaluation[]): number | undefined;
  onRound?(report: RoundReport): void;
  onEvaluation?(plan: EvaluationPlan, evaluations: readonly Evaluation[]): void;
}
