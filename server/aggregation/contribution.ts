import type { BlockId, SiteId } from '../../shared/core/ids.ts';

/** One block of one site's update after it passed the checks of `validate.ts`. */
export interface Contribution {
  readonly site: SiteId;
  readonly block: BlockId;
  /** a_k: the site's integer share of T. */
  readonly share: number;
  /** FedNova's header coordinate, 0..share; 0 without FedNova. */
  readonly steps: number;
  /** q: int32, |q_j| <= share. Owned by whoever holds the contribution; never written to. */
  readonly vector: Int32Array;
}

/** What a contribution was like, kept for the round report when its vector is gone. */
export interface ContributionFacts {
  readonly block: BlockId;
  readonly share: number;
  readonly steps: number;
  /** Whether the site's delta was longer than the block's clip. */
  readonly clipped: boolean;
  /** Coordinates with |q_j| = share: one coordinate carries the whole clip. */
  readonly saturated: number;
  /** ‖q‖₂ / share: length of the site's (clipped) delta in units of the clip. */
  readonly relativeNorm: number;
}
