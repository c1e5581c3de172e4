import type { BlockId, ContentHash } from '../core/ids.ts';
import type { ModelBlocks } from './model-hash.ts';

/**
 * What the coordinator vouches for of a committed round (`secure-aggregation.md` §6, R4): with the sum of a block, all that
 * repeating the block's step takes.
 */
export interface RoundRecord {
  readonly studyHash: ContentHash;
  readonly round: number;
  /** Model hash before the round, and after it. */
  readonly previous: ContentHash;
  readonly model: ContentHash;
  /** Every block of the model, as the round left it. */
  readonly blocks: ModelBlocks;
  /** Of the blocks that were merged, by id. */
  readonly steps: readonly BlockStep[];
  /** Of the secure session that revealed the sums. */
  readonly rosterVersion: number;
  readonly transcript: ContentHash;
}

/** Of so many of the last committed rounds, the coordinator keeps what they can be repeated from. */
export const REPEATABLE_ROUNDS = 3;

/** How one block got from one round's weights to the next. */
export interface BlockStep {
  readonly block: BlockId;
  /** Weights before the step. */
  readonly base: ContentHash;
  /** SHA-256 of Q as int32 little-endian. */
  readonly sum: ContentHash;
  /** |U|, A, and the sum of the steps' coordinates. */
  readonly holders: number;
  readonly weight: number;
  readonly steps: number;
  /** rho in (0, 1]. */
  readonly rarity: number;
  /** As the coordinator computed them, once: eta · rho^beta, and the optimizer's powers. */
  readonly scale: number;
  readonly powers: { readonly beta1: number; readonly beta2: number };
  /** The optimizer's state before the step (undefined: none yet), and after it. */
  readonly before: OptimizerRecord | undefined;
  readonly after: OptimizerRecord;
}

/** An optimizer's state of one block, its arrays by content hash. */
export interface OptimizerRecord {
  readonly step: number;
  readonly moments: readonly ContentHash[];
}
