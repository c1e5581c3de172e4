import type { ContentHash, SiteId } from '../core/ids.ts';

/**
 * What a site with noise says of it to the consortium, for the card of the model: the claim's terms are `CLAIM_TERMS`.
 * No more of it than these may leave, since the exact figures tell how many patients the site has.
 */
export interface PrivacyStatement {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly mode: 'record';
  readonly unit: 'patient';
  /** In (0, 1). */
  readonly delta: number;
  /** As the study names it; undefined where it names an epsilon, from which a site's multiplier would tell its size. */
  readonly multiplier: number | undefined;
  /** At most so much is spent over all rounds, as `epsilonBand` rounds it up. */
  readonly epsilonBand: number;
}
