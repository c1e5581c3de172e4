import type { BlockId } from '../../shared/core/ids.ts';

/** What a site keeps between rounds: the blocks that never leave it, as they were after a round. */
export interface SiteMemory {
  /**
   * The blocks as they were after the latest round up to and including `round`; empty before any.
   * Training round r starts from `after(r - 1)`: MUST answer the same when a round is asked for again, whatever was
   * saved for that round meanwhile.
   */
  after(round: number): Promise<ReadonlyMap<BlockId, Float32Array>>;
  /** MUST be durable when it resolves; what later rounds left behind is forgotten. */
  save(round: number, blocks: ReadonlyMap<BlockId, Float32Array>): Promise<void>;
}

/**
 * How far back a site can go: `last-three` suffices to repeat a round, and for a study whose
 * last two rounds failed (a third in a row ends it); `all` is for studies that publish the round with
 * the best validation score.
 */
export type Retention = 'last-three' | 'all';

/** Kept in this process only. */
export function transientMemory(retention: Retention): SiteMemory {
  let saved: readonly { readonly round: number; readonly blocks: ReadonlyMap<BlockId, Float32Array> }[] = [];
  return {
    async after(round) {
      return saved.findLast((entry) => entry.round <= round)?.blocks ?? new Map();
    },
    async save(round, blocks) {
      const earlier = saved.filter((entry) => entry.round < round);
      saved = [...(retention === 'all' ? earlier : earlier.slice(-2)), { round, blocks }];
    },
  };
}
