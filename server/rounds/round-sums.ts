import type { BlockId } from '../../shared/core/ids.ts';
import type { BlockSum } from '../../shared/merge/block-sum.ts';
import type { Merged } from '../../shared/merge/pipeline.ts';
import { addContribution, blockSum, resetSum } from '../aggregation/block-mean.ts';
import type { Contribution } from '../aggregation/contribution.ts';

/** What has been accepted in the open round, added up as it came. */
export interface RoundSums {
  /** One call at a time. */
  add(contributions: readonly Contribution[]): Promise<void>;
  /** A sum that was made elsewhere. Given. */
  take(block: BlockId, sum: BlockSum): void;
  sum(block: BlockId): BlockSum | undefined;
  /** In order of arrival; empty unless contributions are kept. */
  contributions(block: BlockId): readonly Contribution[];
  /**
   * What `merge` makes of the block's sum, whose memory it may use up. It is called once a round: where the result
   * could not be stored and the round is merged again, this gives the same result again.
   */
  spend(block: BlockId, merge: () => Promise<Merged>): Promise<Merged>;
  isSpent(block: BlockId): boolean;
  clear(): void;
}

/** @param keep whether robust merging will ask for single contributions: memory then grows with the sites. */
export function roundSums({ keep }: { readonly keep: boolean }): RoundSums {
  const sums = new Map<BlockId, BlockSum>();
  const kept = new Map<BlockId, Contribution[]>();
  const spent = new Map<BlockId, Promise<Merged>>();
  return {
    async add(contributions) {
      for (const contribution of contributions) {
        const { block, vector } = contribution;
        const sum = sums.get(block) ?? blockSum(vector.length);
        sums.set(block, sum);
        await addContribution(sum, contribution);
        if (keep) kept.set(block, [...(kept.get(block) ?? []), contribution]);
      }
    },
    take(block, sum) {
      sums.set(block, sum);
    },
    sum: (block) => sums.get(block),
    contributions: (block) => kept.get(block) ?? [],
    spend(block, merge) {
      const merged = spent.get(block) ?? merge();
      spent.set(block, merged);
      return merged;
    },
    isSpent: (block) => spent.has(block),
    clear() {
      for (const block of spent.keys()) sums.delete(block);
      for (const sum of sums.values()) resetSum(sum);
      spent.clear();
      kept.clear();
    },
  };
}
