import { dequantizeInto, RING_MAX } from '../tensor/ring.ts';
import type { MeanDelta } from './mean-delta.ts';
import { measure } from './measure.ts';

/**
 * Running sum of one block over the sites that answered: as large as the block, however many sites there are.
 * Changed in place by whoever adds to it alone.
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

/**
 * Why the sum cannot be what honest sites send, or undefined (`secure-aggregation.md` §3): holders <= A <= T,
 * |Q_j| <= A, 0 <= steps <= A, ‖Q‖₂ <= A · (1 + 1e-6) + roundings · holders · √d / 2.
 * @param roundings how often each holder's vector was rounded, at most.
 */
export async function sumFault(sum: BlockSum, roundings = 1): Promise<string | undefined> {
  const { weight, holders, steps } = sum;
  if (!(weight >= holders && weight <= RING_MAX))
    return `weight ${weight} of ${holders} holders, at most ${RING_MAX}`;
  if (!(steps >= 0 && steps <= weight)) return `steps ${steps} with weight ${weight}`;
  const { norm, largest } = await measure(sum.vector, weight);
  if (!(largest <= weight)) return `a coordinate of ${largest} with weight ${weight}`;
  const longest = weight * (1 + 1e-6) + (roundings * holders * Math.sqrt(sum.vector.length)) / 2;
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
