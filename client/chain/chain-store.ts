import type { BlockId, ContentHash } from '../../shared/core/ids.ts';
import type { ModelBlocks } from '../../shared/protocol/model-hash.ts';
import type { OptimizerRecord } from '../../shared/protocol/round-record.ts';

/** How far a site has followed the models of a study. */
export interface ChainHead {
  /** Of the last record that it took; 0: none yet. */
  readonly round: number;
  /** Every block as that round left it; before the first record, the blocks that the site was told of. */
  readonly blocks: ModelBlocks;
  /** Of the blocks that were merged so far. */
  readonly optimizer: ReadonlyMap<BlockId, OptimizerRecord>;
  /** Model hash by round, of every record taken. */
  readonly models: ReadonlyMap<number, ContentHash>;
  /** rho by block, as the last instruction had it. */
  readonly rarity: ReadonlyMap<BlockId, number>;
}

/** What a site keeps of the chain of one study. Its head is what counts: arrays can be fetched again by their hash. */
export interface ChainStore {
  head(): Promise<ChainHead | undefined>;
  /** MUST have made the head durable when it resolves. @param arrays that the site computed itself. Given. */
  keep(head: ChainHead, arrays: ReadonlyMap<ContentHash, Float32Array>): Promise<void>;
  /** Undefined where it is not there any more. Borrowed. */
  find(hash: ContentHash): Promise<Float32Array | undefined>;
}

/** Kept in this process only: arrays as long as the head names them. */
export function transientChainStore(): ChainStore {
  let kept: ChainHead | undefined;
  let held: ReadonlyMap<ContentHash, Float32Array> = new Map();
  return {
    head: async () => kept,
    async keep(head, arrays) {
      kept = head;
      const named = new Set([
        ...head.blocks.values(),
        ...[...head.optimizer.values()].flatMap(({ moments }) => moments),
      ]);
      held = new Map([...held, ...arrays].filter(([hash]) => named.has(hash)));
    },
    find: async (hash) => held.get(hash),
  };
}
