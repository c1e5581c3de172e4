import { inSlices } from './in-slices.ts';

export interface Measured {
  /** ‖q‖₂ in float64, summed in four interleaved parts. */
  readonly norm: number;
  /** Largest |q_j|, exact where it is `bound` or more; below that, what it cannot exceed. */
  readonly largest: number;
  /** Coordinates with |q_j| = `bound`. */
  readonly saturated: number;
}

/** Relative error of a norm summed over 2^32 values, with room. */
const NORM_ERROR = 1e-6;

/**
 * Norm and range of a ring vector, signed, slice by slice. No coordinate is longer than the vector, so that a vector
 * shorter than `bound` is gone through only once.
 */
export async function measure(vector: Int32Array, bound: number): Promise<Measured> {
  const squares: FourSums = [0, 0, 0, 0];
  await inSlices(vector.length, (from, to) => addSquares(squares, vector.subarray(from, to)));
  const norm = Math.sqrt(squares[0] + squares[1] + (squares[2] + squares[3]));
  const longest = norm * (1 + NORM_ERROR);
  if (longest < bound) return { norm, largest: longest, saturated: 0 };
  let largest = 0;
  let saturated = 0;
  await inSlices(vector.length, (from, to) => {
    const slice = vector.subarray(from, to);
    const reached = largestOf(slice);
    largest = Math.max(largest, reached);
    if (reached >= bound) saturated += countAt(slice, bound);
  });
  return { norm, largest, saturated };
}

type FourSums = [number, number, number, number];

function addSquares(sums: FourSums, vector: Int32Array): void {
  let [s0, s1, s2, s3] = sums;
  const length = vector.length;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    const a = vector[i] as number;
    const b = vector[i + 1] as number;
    const c = vector[i + 2] as number;
    const d = vector[i + 3] as number;
    s0 += a * a;
    s1 += b * b;
    s2 += c * c;
    s3 += d * d;
  }
  for (let i = whole; i < length; i++) s0 += (vector[i] as number) * (vector[i] as number);
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

function largestOf(vector: Int32Array): number {
  let highest = 0;
  let lowest = 0;
  for (let i = 0; i < vector.length; i++) {
    highest = Math.max(highest, vector[i] as number);
    lowest = Math.min(lowest, vector[i] as number);
  }
  return Math.max(highest, -lowest);
}

function countAt(vector: Int32Array, bound: number): number {
  let count = 0;
  for (const value of vector) if (Math.abs(value) === bound) count++;
  return count;
}
