import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockSum } from '../../shared/merge/block-sum.ts';
import { inSlices } from '../../shared/merge/in-slices.ts';
import { addInto, subtractFrom } from '../../shared/tensor/ring.ts';
import type { Contribution } from './contribution.ts';

export function blockSum(size: number): BlockSum {
  return { vector: new Int32Array(size), weight: 0, steps: 0, holders: 0 };
}

/** Back to what {@link blockSum} gives, in the same memory: fresh pages for a large block cost more than adding to it. */
export function resetSum(sum: BlockSum): void {
  sum.vector.fill(0);
  sum.weight = 0;
  sum.steps = 0;
  sum.holders = 0;
}

/**
 * Adds a checked contribution, slice by slice. The order of calls cannot change a bit.
 * @throws ConsiliumError `BAD_CONTRIBUTION` on a vector of another length; nothing was added then.
 */
export async function addContribution(sum: BlockSum, contribution: Contribution): Promise<void> {
  const { vector } = contribution;
  requireLength(sum, vector);
  await inSlices(vector.length, (from, to) =>
    addInto(sum.vector.subarray(from, to), vector.subarray(from, to)),
  );
  sum.weight += contribution.share;
  sum.steps += contribution.steps;
  sum.holders += 1;
}

/** Takes a contribution out again, exactly. @throws ConsiliumError as {@link addContribution}. */
export async function subtractContribution(sum: BlockSum, contribution: Contribution): Promise<void> {
  const { vector } = contribution;
  requireLength(sum, vector);
  await inSlices(vector.length, (from, to) =>
    subtractFrom(sum.vector.subarray(from, to), vector.subarray(from, to)),
  );
  sum.weight -= contribution.share;
  sum.steps -= contribution.steps;
  sum.holders -= 1;
}

function requireLength({ vector: { length } }: BlockSum, vector: Int32Array): void {
  if (vector.length === length) return;
  throw new ConsiliumError('BAD_CONTRIBUTION', `block sum: expected ${length} values, got ${vector.length}`);
}
