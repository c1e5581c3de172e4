import type { BlockId } from '../../shared/core/ids.ts';
import { addContribution, type BlockSum, blockSum, resetSum } from '../aggregation/block-mean.ts';
import type { Contribution } from '../aggregation/contribution.ts';

/** What has been accepted in the open round, added up as it came. Emptied, not replaced, between rounds. */
export interface RoundSums {
  add(contributions: readonly Contribution[]): void;
  sum(block: BlockId): BlockSum | undefined;
  /** In order of arrival; empty unless contributions are kept. */
  contributions(block: BlockId): readonly Contribution[];
  clear(): void;
}

/** @param keep whether robust merging will ask for single contributions: memory then grows with the sites. */
export function roundSums({ keep }: { readonly keep: boolean }): RoundSums {
  const sums = new Map<BlockId, BlockSum>();
  const kept = new Map<BlockId, Contribution[]>();
  return {
    add(contributions) {
      for (const contribution of contributions) {
        const { block, vector } = contribution;
        const sum = sums.get(block) ?? blockSum(vector.length);
        sums.set(block, sum);
        addContribution(sum, contribution);
        if (keep) kept.set(block, [...(kept.get(block) ?? []), contribution]);
      }
    },
    sum: (block) => sums.get(block),
    contributions: (block) => kept.get(block) ?? [],
    clear() {
      for (const sum of sums.values()) resetSum(sum);
      kept.clear();
    },
  };
}
