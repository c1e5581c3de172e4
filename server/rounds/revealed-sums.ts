import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { SumHeader } from '../../shared/secagg/vector.ts';

/** What a secure session revealed of a block. */
export interface RevealedBlock {
  /** By id. */
  readonly survivors: readonly SiteId[];
  readonly header: SumHeader;
}

/** What a sum revealed that a later one of the same round weighs by. */
export interface RevealedIteration {
  /** TH of its session. */
  readonly transcript: ContentHash;
  /** Those that are summed again; `sum` is Q. */
  readonly blocks: ReadonlyMap<BlockId, RevealedBlock & { readonly sum: ContentHash }>;
  /** Why others are not. */
  readonly reasons: ReadonlyMap<BlockId, string>;
}
