import { ConsiliumError } from '../core/errors.ts';

/** How a number stands in a vector that is summed in the ring: as limbs of 16 bits, so that no sum of 2^15 of them overflows. */
export interface FixedPoint {
  /** Coordinates, lowest first. 0: a count, as it is, in one. */
  readonly limbs: number;
  /** The number is a multiple of 2^-fractionBits. */
  readonly fractionBits: number;
  readonly signed: boolean;
}

/** Whole numbers of 0 to 2^22, one coordinate each: 2^9 of them add up in the ring. */
export const COUNT: FixedPoint = { limbs: 0, fractionBits: 0, signed: false };
/** Sums of scores or shares in [0, 1] over up to 2^20 patients, to 2^-28. */
export const UNIT_SUM: FixedPoint = { limbs: 3, fractionBits: 28, signed: false };
/** Any sum up to 2^127 of either sign, to 2^-64. */
export const REAL_SUM: FixedPoint = { limbs: 12, fractionBits: 64, signed: true };

const MOST_COUNT = 2 ** 22;
const LIMB_BITS = 16n;
const LIMB_MASK = 0xffffn;

/** Coordinates of one number. */
export function widthOf({ limbs }: FixedPoint): number {
  return Math.max(1, limbs);
}

/**
 * Writes the number, rounded to its grid, from `vector[at]` on.
 * @throws ConsiliumError `NOT_FINITE` for a number outside of the format's range.
 */
export function encodeFixed(value: number, format: FixedPoint, vector: Int32Array, at: number): void {
  if (format.limbs === 0) {
    if (!(Number.isInteger(value) && value >= 0 && value <= MOST_COUNT)) throw outOfRange(value);
    vector[at] = value;
    return;
  }
  const scaled = Math.round(value * 2 ** format.fractionBits);
  if (!Number.isFinite(scaled)) throw outOfRange(value);
  const raised = BigInt(scaled) + (format.signed ? offsetOf(format) : 0n);
  if (raised < 0n || raised >= rangeOf(format)) throw outOfRange(value);
  for (let i = 0; i < format.limbs; i++) {
    vector[at + i] = Number((raised >> (LIMB_BITS * BigInt(i))) & LIMB_MASK);
  }
}

/**
 * The sum of `addends` encoded numbers, rounded once.
 * @param sum coordinates from `at` on, added modulo 2^32.
 * @throws ConsiliumError `NOT_FINITE` where no such numbers add up to it.
 */
export function decodeFixed(sum: Int32Array, at: number, format: FixedPoint, addends: number): number {
  if (format.limbs === 0) return bounded(sum[at] as number, addends * MOST_COUNT);
  let total = 0n;
  for (let i = 0; i < format.limbs; i++) {
    const limb = bounded(sum[at + i] as number, addends * Number(LIMB_MASK));
    total += BigInt(limb) << (LIMB_BITS * BigInt(i));
  }
  if (format.signed) total -= BigInt(addends) * offsetOf(format);
  return Number(total) / 2 ** format.fractionBits;
}

/** Numbers of one format, one behind the other. */
export type FixedPart = readonly [format: FixedPoint, values: ArrayLike<number>];

/** Coordinates of the parts together. */
export function lengthOfParts(parts: readonly FixedPart[]): number {
  return parts.reduce((length, [format, values]) => length + widthOf(format) * values.length, 0);
}

/** The parts as one vector to be summed. @returns the caller's. @throws ConsiliumError as {@link encodeFixed}. */
export function packParts(parts: readonly FixedPart[]): Int32Array {
  const vector = new Int32Array(lengthOfParts(parts));
  let at = 0;
  for (const [format, values] of parts) {
    for (let i = 0; i < values.length; i++) {
      encodeFixed(values[i] as number, format, vector, at);
      at += widthOf(format);
    }
  }
  return vector;
}

/**
 * The sums of `addends` vectors, part by part.
 * @param form parts of the same formats and lengths. @throws ConsiliumError as {@link decodeFixed}.
 */
export function readParts(form: readonly FixedPart[], vector: Int32Array, addends: number): Float64Array[] {
  let at = 0;
  return form.map(([format, { length }]) =>
    Float64Array.from({ length }, () => {
      const value = decodeFixed(vector, at, format, addends);
      at += widthOf(format);
      return value;
    }),
  );
}

/** Σ of the numbers on the format's grid, rounded once: the same in any order, and as a sum in the ring gives it. */
export function exactSum(values: readonly number[], format: FixedPoint = REAL_SUM): number {
  const sum = new Int32Array(widthOf(format));
  const one = new Int32Array(sum.length);
  for (const value of values) {
    encodeFixed(value, format, one, 0);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (one[i] as number);
  }
  return decodeFixed(sum, 0, format, values.length);
}

function offsetOf({ limbs }: FixedPoint): bigint {
  return 1n << (LIMB_BITS * BigInt(limbs) - 1n);
}

function rangeOf({ limbs }: FixedPoint): bigint {
  return 1n << (LIMB_BITS * BigInt(limbs));
}

function bounded(value: number, most: number): number {
  if (value >= 0 && value <= most) return value;
  throw new ConsiliumError('NOT_FINITE', `sum in the ring: expected 0 to ${most}, got ${value}`);
}

function outOfRange(value: number): ConsiliumError {
  return new ConsiliumError('NOT_FINITE', `fixed point: expected a number within its range, got ${value}`);
}
