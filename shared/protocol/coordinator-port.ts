import type { ContentHash, SiteId } from '../core/ids.ts';
import type { LastingSignature } from './envelope.ts';
import type {
  Declaration,
  Evaluation,
  Instruction,
  ReadyNotice,
  Receipt,
  SecureSubmission,
  Update,
} from './messages.ts';
import type { PrivacyStatement } from './privacy-statement.ts';

/**
 * The whole conversation between a site and the coordinator; the site always asks.
 * An implementation MUST answer repeated calls alike (a site that crashed asks again), MUST NOT count a site
 * twice in a round, and MUST make a contribution durable before it answers `accepted`.
 */
export interface CoordinatorPort {
  declare(declaration: Declaration): Promise<void>;
  /** Resolves when there is something for the site to do; MUST resolve with `finished` at the end of the study. */
  awaitInstruction(site: SiteId, signal: AbortSignal): Promise<Instruction>;
  /** The values of a block by content hash. Borrowed: the receiver must not write to it. */
  fetchBlock(hash: ContentHash): Promise<Float32Array>;
  /**
   * Secure aggregation: signed records of committed rounds above `afterRound`, in order, the first of them; none where
   * there are none yet. Whoever asks on from the last one gets all.
   */
  fetchRecords(afterRound: number): Promise<readonly LastingSignature[]>;
  /** The sum of a block by content hash, while it is kept. Borrowed. */
  fetchSum(hash: ContentHash): Promise<Int32Array>;
  submitUpdate(update: Update): Promise<Receipt>;
  /** In place of an update, or of an evaluation, where the study asks for secure aggregation. */
  reportReady(notice: ReadyNotice): Promise<Receipt>;
  submitSecure(submission: SecureSubmission): Promise<Receipt>;
  submitEvaluation(evaluation: Evaluation): Promise<Receipt>;
  /**
   * Of a study with noise, before the site's first update and where what it stated gets worse. MUST be durable when it
   * resolves; of several, that with the largest band stands.
   */
  statePrivacy(statement: PrivacyStatement): Promise<void>;
  /** The site cannot take part in this round (scenario, refusal, failure); closes the round for it. */
  decline(site: SiteId, round: number): Promise<void>;
}
