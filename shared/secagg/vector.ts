import { ConsiliumError } from '../core/errors.ts';
import { reweighed, type Weighed } from '../merge/geometric-median.ts';
import type { BlockUpdate } from '../protocol/messages.ts';

/** Coordinates before the delta's own: weight, FedNova's steps, whether the delta was clipped, the loss. */
export const HEADER = 4;

/** Losses above this count as it. */
const LOSS_MAX = 64;

/**
 * What a site brings for one block, as one vector to be masked: [a_k, steps, clipped, round(a_k · loss / 64), q...].
 * Every coordinate is within ±a_k, so that the sum is exact (`secure-aggregation.md` §3).
 * @param loss the round's mean training loss. @returns int32, [HEADER + d], the caller's.
 * @throws ConsiliumError `NOT_FINITE` for a loss that is NaN or infinite: as an integer it would pass for 0.
 */
export function packUpdate({ weight, steps, clipped, vector }: BlockUpdate, loss: number): Int32Array {
  if (!Number.isFinite(loss)) {
    throw new ConsiliumError('NOT_FINITE', `pack: expected a finite loss, got ${loss}`);
  }
  const packed = new Int32Array(HEADER + vector.length);
  packed[0] = weight;
  packed[1] = steps;
  packed[2] = clipped ? 1 : 0;
  packed[3] = Math.round((weight * Math.min(Math.max(loss, 0), LOSS_MAX)) / LOSS_MAX);
  packed.set(vector, HEADER);
  return packed;
}

/**
 * The vector for a later sum of the same round: the same delta, weighed by the mean before. Steps, clipping and loss were
 * told with the first.
 * @param packed what {@link packUpdate} gave. Borrowed. @returns int32, [HEADER + d], the caller's.
 */
export async function packAgain(packed: Int32Array, before: Weighed, smoothing: number): Promise<Int32Array> {
  const first = { weight: packed[0] ?? 0, vector: packed.subarray(HEADER) };
  const { weight, vector } = await reweighed(first, before, smoothing);
  const again = new Int32Array(packed.length);
  again[0] = weight;
  again.set(vector, HEADER);
  return again;
}

/** What the sum over a block's survivors says besides Q. */
export interface SumHeader {
  /** A. */
  readonly weight: number;
  readonly steps: number;
  /** Survivors whose delta was longer than C_b. */
  readonly clipped: number;
  /** Mean training loss, weighted as the deltas are; undefined where A is 0. */
  readonly loss: number | undefined;
}

/** @param sum int32, [HEADER + d]. Borrowed. @returns Q as a view on it, and the header. */
export function unpackSum(sum: Int32Array): { readonly vector: Int32Array; readonly header: SumHeader } {
  const [weight = 0, steps = 0, clipped = 0, loss = 0] = sum.subarray(0, HEADER);
  return {
    vector: sum.subarray(HEADER),
    header: { weight, steps, clipped, loss: weight > 0 ? (loss * LOSS_MAX) / weight : undefined },
  };
}
