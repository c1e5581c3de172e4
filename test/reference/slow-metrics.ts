/** Plain definitions over all pairs of patients; shares no code with what it checks. */

/** Share of (positive, negative) pairs in which the positive scores higher, ties half. */
export function pairwiseAuc(scores: readonly number[], truths: readonly number[]): number | null {
  let pairs = 0;
  let won = 0;
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (truths[i] !== 1 || truths[j] !== 0) return;
      pairs += 1;
      if (a > b) won += 1;
      else if (a === b) won += 0.5;
    });
  });
  return pairs === 0 ? null : won / pairs;
}

/** Average precision by asking, for each threshold that is a score, what recall it adds. */
export function slowAveragePrecision(scores: readonly number[], truths: readonly number[]): number | null {
  const positives = truths.filter((truth) => truth === 1).length;
  if (positives === 0 || positives === truths.length) return null;
  const thresholds = [...new Set(scores)].sort((a, b) => b - a);
  let area = 0;
  let recall = 0;
  for (const threshold of thresholds) {
    const called = truths.filter((_, i) => (scores[i] as number) >= threshold);
    const found = called.filter((truth) => truth === 1).length;
    area += (found / positives - recall) * (found / called.length);
    recall = found / positives;
  }
  return area;
}

export interface Survivor {
  readonly risk: number;
  readonly time: number;
  readonly event: number;
}

/** Harrell's C over all ordered pairs. */
export function slowConcordance(patients: readonly Survivor[]): { comparable: number; concordant: number } {
  let comparable = 0;
  let concordant = 0;
  for (const early of patients) {
    for (const late of patients) {
      const isComparable =
        early.event === 1 && (early.time < late.time || (early.time === late.time && late.event === 0));
      if (!isComparable) continue;
      comparable += 1;
      if (early.risk > late.risk) concordant += 1;
      else if (early.risk === late.risk) concordant += 0.5;
    }
  }
  return { comparable, concordant };
}
