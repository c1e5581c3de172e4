import type { MergeSpec } from '../study/study.ts';

/** T: the weights of all holders of a block add up to at most this, so no sum in the ring overflows. */
const TOTAL = 2n ** 31n - 1n;
const MOST_PATIENTS = 2 ** 20;

/**
 * w: the integer weight that a holder registers for a block, max(1, round(4 · n̂^γ)), with n̂ the clamped count, its
 * nearest power of two, or 1 (secure-aggregation.md §3).
 * @param patients n: the site's training patients that have the block's modality.
 */
export function registeredWeight(
  patients: number,
  merge: Pick<MergeSpec, 'weights' | 'weightExponent'>,
): number {
  const count = Math.min(Math.max(patients, 1), MOST_PATIENTS);
  return Math.max(1, Math.round(4 * effective(count, merge.weights) ** merge.weightExponent));
}

/**
 * a_k = floor(T · w / W), the site's share of the ring; 0 where nobody is registered.
 * @param weight w, an integer. @param total W, the sum of the registered weights of all holders.
 */
export function shareOf(weight: number, total: number): number {
  return total > 0 ? Number((TOTAL * BigInt(weight)) / BigInt(total)) : 0;
}

function effective(count: number, weights: MergeSpec['weights']): number {
  switch (weights) {
    case 'exact':
      return count;
    case 'bucketed':
      return 2 ** Math.round(Math.log2(count));
    case 'uniform':
      return 1;
  }
}
