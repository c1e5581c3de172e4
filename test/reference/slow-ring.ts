/** The ring of `secure-aggregation.md` §3 in exact integers: no wraparound, no typed arrays, no shared code. */
export const SLOW_RING_MAX = 2n ** 31n - 1n;

/** a_k = floor(T · w / W). */
export function slowShare(weight: number, total: number): number {
  return Number((SLOW_RING_MAX * BigInt(weight)) / BigInt(total));
}

export function slowQuantize(delta: readonly number[], share: number, clip: number): bigint[] {
  const norm = Math.sqrt(delta.reduce((sum, value) => sum + value * value, 0));
  const factor = norm > clip ? clip / norm : 1;
  const bound = BigInt(share);
  return delta.map((value) => {
    const rounded = BigInt(Math.round(((share * factor) / clip) * value));
    if (rounded > bound) return bound;
    return rounded < -bound ? -bound : rounded;
  });
}

/** Exact sums, which 32 bits must reproduce. */
export function slowSum(vectors: readonly (readonly bigint[])[]): bigint[] {
  return (vectors[0] ?? []).map((_, j) => vectors.reduce((sum, vector) => sum + (vector[j] ?? 0n), 0n));
}

/** What int32 two's complement makes of an integer. */
export function slowWrap(value: bigint): number {
  const modulus = 2n ** 32n;
  const positive = ((value % modulus) + modulus) % modulus;
  return Number(positive >= 2n ** 31n ? positive - modulus : positive);
}
