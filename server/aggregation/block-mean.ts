import { ConsiliumError } from '../../shared/core/errors.ts';
import { addInto, dequantizeInto, RING_MAX, subtractFrom } from '../../shared/tensor/ring.ts';
import type { Contribution } from './contribution.ts';
import { inSlices } from './in-slices.ts';
import type { MeanDelta } from './mean-delta.ts';
import { measure } from './validate.ts';

/**
 * Running sum of one block over the sites that answered: as large as the block, however many sites there are.
 * Changed in place by {@link addContribution}, {@link subtractContribution} and {@link resetSum} alone.
 */
export interface BlockSum {
  /** Q: int32 modulo 2^32, [d]. */
  readonly vector: Int32Array;
  /** A: sum of the shares. */
  weight: number;
  /** Sum of FedNova's header coordinates. */
  steps: number;
  holders: number;
}

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

/**
 * Why the sum cannot be what honest sites send, or undefined (`secure-aggregation.md` §3): holders <= A <= T,
 * |Q_j| <= A, 0 <= steps <= A, ‖Q‖₂ <= A · (1 + 1e-6) + holders · √d / 2.
 */
export async function sumFault(sum: BlockSum): Promise<string | undefined> {
  const { weight, holders, steps } = sum;
  if (!(weight >= holders && weight <= RING_MAX))
    return `weight ${weight} of ${holders} holders, at most ${RING_MAX}`;
  if (!(steps >= 0 && steps <= weight)) return `steps ${steps} with weight ${weight}`;
  const { norm, largest } = await measure(sum.vector, weight);
  if (!(largest <= weight)) return `a coordinate of ${largest} with weight ${weight}`;
  const longest = weight * (1 + 1e-6) + (holders * Math.sqrt(sum.vector.length)) / 2;
  if (!(norm <= longest)) return `a norm of ${norm}, at most ${longest}`;
  return undefined;
}

/** G_j = clip · Q_j / A, read piece by piece: no second copy of the block is made. A must be above 0. */
export function meanOfSum(sum: BlockSum, clip: number): MeanDelta {
  return {
    size: sum.vector.length,
    read(offset, into) {
      dequantizeInto(into, sum.vector.subarray(offset, offset + into.length), { weight: sum.weight, clip });
    },
  };
}

/** The sum's own memory, for the block's next weights: what is written there uses the sum's vector up. */
export function memoryOf({ vector }: BlockSum): Float32Array {
  return new Float32Array(vector.buffer, vector.byteOffset, vector.length);
}

function requireLength({ vector: { length } }: BlockSum, vector: Int32Array): void {
  if (vector.length === length) return;
  throw new ConsiliumError('BAD_CONTRIBUTION', `block sum: expected ${length} values, got ${vector.length}`);
}
