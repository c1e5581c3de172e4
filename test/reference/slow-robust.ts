/** Robust centres of a few vectors, written for reading. Vectors and weights in the same order. */

export function slowMedian(vectors: readonly (readonly number[])[]): number[] {
  return columns(vectors).map((column) => {
    const sorted = [...column].sort((a, b) => a - b);
    const half = sorted.length / 2;
    if (Number.isInteger(half)) return ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
    return sorted[Math.floor(half)] ?? 0;
  });
}

export function slowTrimmedMean(vectors: readonly (readonly number[])[], trim: number): number[] {
  return columns(vectors).map((column) => {
    const kept = [...column];
    for (let i = 0; i < trim; i++) {
      kept.splice(kept.indexOf(Math.max(...kept)), 1);
      kept.splice(kept.indexOf(Math.min(...kept)), 1);
    }
    return kept.reduce((sum, value) => sum + value, 0) / kept.length;
  });
}

/** Sum of weighted distances: what the geometric median minimizes. */
export function distanceSum(
  centre: readonly number[],
  vectors: readonly (readonly number[])[],
  weights: readonly number[],
): number {
  return vectors.reduce(
    (sum, vector, k) =>
      sum + (weights[k] ?? 0) * Math.hypot(...vector.map((value, j) => value - (centre[j] ?? 0))),
    0,
  );
}

/** Blanchard et al. 2017: positions of the n − f vectors of lowest score. */
export function slowKrum(vectors: readonly (readonly number[])[], byzantine: number): number[] {
  const n = vectors.length;
  const score = (k: number) =>
    vectors
      .filter((_, i) => i !== k)
      .map((other) => other.reduce((sum, value, j) => sum + (value - (vectors[k]?.[j] ?? 0)) ** 2, 0))
      .sort((a, b) => a - b)
      .slice(0, n - byzantine - 2)
      .reduce((sum, gap) => sum + gap, 0);
  return vectors
    .map((_, k) => ({ k, value: score(k) }))
    .sort((a, b) => a.value - b.value || a.k - b.k)
    .slice(0, n - byzantine)
    .map(({ k }) => k)
    .sort((a, b) => a - b);
}

function columns(vectors: readonly (readonly number[])[]): number[][] {
  return (vectors[0] ?? []).map((_, j) => vectors.map((vector) => vector[j] ?? 0));
}

/** Smoothed Weiszfeld in real numbers: each weighted mean after the first weighs by share · min(1, nu / distance). */
export function slowGeometricMedian(
  deltas: readonly (readonly number[])[],
  shares: readonly number[],
  { iterations, nu }: { readonly iterations: number; readonly nu: number },
): number[] {
  let weights = deltas.map((_, k) => shares[k] ?? 0);
  let centre: number[] = [];
  for (let i = 0; i < iterations; i++) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    centre = (deltas[0] ?? []).map(
      (_, j) => deltas.reduce((sum, delta, k) => sum + (weights[k] ?? 0) * (delta[j] ?? 0), 0) / total,
    );
    weights = deltas.map(
      (delta, k) =>
        (shares[k] ?? 0) * Math.min(1, nu / Math.hypot(...delta.map((x, j) => x - (centre[j] ?? 0)))),
    );
  }
  return centre;
}
