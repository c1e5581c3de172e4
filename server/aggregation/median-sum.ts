import type { BlockSum } from '../../shared/merge/block-sum.ts';
import { type MedianSpec, reweighed } from '../../shared/merge/geometric-median.ts';
import { addContribution, blockSum } from './block-mean.ts';
import type { Contribution } from './contribution.ts';

/**
 * The sum whose mean is the geometric median of the sites' deltas: the last of `iterations` weighted sums, bit for bit the
 * one that the sites' own sums under masks come to. The order of arrival changes no bit. Holds two sums besides the
 * contributions; between slices of coordinates the event loop has its turn.
 * @param contributions of one block, checked, one per site, at least one. Borrowed.
 */
export async function medianSum(
  contributions: readonly Contribution[],
  { iterations, smoothing }: Pick<MedianSpec, 'iterations' | 'smoothing'>,
): Promise<BlockSum> {
  const size = contributions[0]?.vector.length ?? 0;
  let sum = blockSum(size);
  for (const contribution of contributions) await addContribution(sum, contribution);
  for (let i = 1; i < iterations; i++) {
    const next = blockSum(size);
    for (const contribution of contributions) {
      const { share, vector } = contribution;
      const again = await reweighed({ weight: share, vector }, sum, smoothing);
      await addContribution(next, { ...contribution, share: again.weight, vector: again.vector });
    }
    sum = next;
  }
  return sum;
}
