import type { BlockId, ContentHash, SiteId } from '../core/ids.ts';

/** Why a block kept its weights and its optimizer state in a round. */
export type KeptReason =
  /** No site of the round holds its modality. */
  | 'no-holder'
  /** Fewer than `minHolders` sites hold it: each trains its own copy and sends nothing. */
  | 'stays-at-site'
  /** Enough sites hold it, but too few of them were invited. */
  | 'few-invited'
  /** Fewer than `minHolders` answered. */
  | 'below-quorum'
  /** `AGGREGATE_OUT_OF_RANGE`: the sum is not what honest sites send, or the next weights would not be finite. */
  | 'out-of-range'
  /** `ROBUST_PRECONDITION`: too few answered for the chosen robust merging. */
  | 'robust-precondition'
  /** Secure aggregation: no sum was revealed, or the block had fewer survivors than its smallest cohort. */
  | 'not-revealed';

/** Why an invited site is not among the round's contributors. */
export type MissingReason = 'declined' | 'vanished' | `refused: ${string}`;

export type BlockOutcome =
  | {
      readonly kind: 'merged';
      /** L2 norms of the mean delta G, and of what was added to the weights. */
      readonly deltaNorm: number;
      readonly stepNorm: number;
      /** η · ρ^β, computed once. */
      readonly scale: number;
    }
  | { readonly kind: 'kept'; readonly reason: KeptReason; readonly detail?: string };

export interface BlockReport {
  readonly block: BlockId;
  readonly outcome: BlockOutcome;
  /** Sites whose update of this block was accepted, in order of id; merged only where the outcome says so. */
  readonly contributors: readonly SiteId[];
  /** Contributors whose delta was longer than the clip. */
  readonly clipped: number;
  /** Contributors with a coordinate that alone carries the whole clip. */
  readonly saturated: number;
  /** Secure aggregation: the site by which alone they differ from those of the block's last revealed sum. */
  readonly singleton?: SiteId;
}

/** What the coordinator tells everyone of a round. */
export interface RoundReport {
  readonly round: number;
  readonly outcome: 'committed' | 'failed';
  /** In order of block id. */
  readonly blocks: readonly BlockReport[];
  readonly missing: readonly { readonly site: SiteId; readonly reason: MissingReason }[];
  /** Mean training loss of the sites that answered, weighted by patients; undefined where none did. */
  readonly loss: number | undefined;
  readonly closedBy: 'all-in' | 'quorum-and-grace' | 'deadline';
  /** From the invitation to the close, by the coordinator's clock. */
  readonly durationMs: number;
  readonly modelHash: ContentHash;
  /** Score of the round's model on validation patients; undefined where it was not evaluated. */
  readonly validationScore: number | undefined;
}
