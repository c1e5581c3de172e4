/**
 * Patients gathered by score, lowest first: the bins of a histogram, or every distinct score. Patients of one group
 * count as tied.
 */
export interface ScoreGroups {
  readonly positive: Float64Array;
  readonly negative: Float64Array;
  /** Sum of the scores in the group; over its patients it gives the group's mean score. */
  readonly scoreSum: Float64Array;
}

/** From this probability on a patient is called positive. */
export const THRESHOLD = 0.5;

interface Totals {
  readonly positives: number;
  readonly negatives: number;
  readonly patients: number;
}

export function totalsOf(groups: ScoreGroups): Totals {
  const positives = groups.positive.reduce((sum, count) => sum + count, 0);
  const negatives = groups.negative.reduce((sum, count) => sum + count, 0);
  return { positives, negatives, patients: positives + negatives };
}

/** Mann-Whitney: the share of (positive, negative) pairs in the right order, ties half. Null with one class only. */
export function auroc(groups: ScoreGroups): number | null {
  let below = 0;
  let positives = 0;
  let won = 0;
  groups.positive.forEach((positive, g) => {
    const negative = groups.negative[g] as number;
    won += positive * (below + negative / 2);
    below += negative;
    positives += positive;
  });
  return positives > 0 && below > 0 ? won / (positives * below) : null;
}

/** Average precision: over groups from the highest score, gain in recall times precision. Null without a positive. */
export function auprc(groups: ScoreGroups): number | null {
  const { positives, negatives } = totalsOf(groups);
  if (positives === 0 || negatives === 0) return null;
  let found = 0;
  let called = 0;
  let area = 0;
  for (let g = groups.positive.length - 1; g >= 0; g--) {
    const positive = groups.positive[g] as number;
    found += positive;
    called += positive + (groups.negative[g] as number);
    if (positive > 0) area += (positive / positives) * (found / called);
  }
  return area;
}

interface Confusion {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/** At {@link THRESHOLD}, by the mean score of each group. */
export function confusion(groups: ScoreGroups): Confusion {
  const counts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  groups.positive.forEach((positive, g) => {
    const negative = groups.negative[g] as number;
    if ((groups.scoreSum[g] as number) >= THRESHOLD * (positive + negative)) {
      counts.truePositive += positive;
      counts.falsePositive += negative;
    } else {
      counts.falseNegative += positive;
      counts.trueNegative += negative;
    }
  });
  return counts;
}

/** Mean of sensitivity and specificity; null with one class only. */
export function balancedAccuracy(groups: ScoreGroups): number | null {
  const { truePositive, falsePositive, trueNegative, falseNegative } = confusion(groups);
  const positives = truePositive + falseNegative;
  const negatives = trueNegative + falsePositive;
  if (positives === 0 || negatives === 0) return null;
  return (truePositive / positives + trueNegative / negatives) / 2;
}

/** F1 of the positive class; null where nobody is positive and nobody is called so. */
export function f1(groups: ScoreGroups): number | null {
  const { truePositive, falsePositive, falseNegative } = confusion(groups);
  const denominator = 2 * truePositive + falsePositive + falseNegative;
  return denominator === 0 ? null : (2 * truePositive) / denominator;
}

export function prevalence(groups: ScoreGroups): number | null {
  const { positives, patients } = totalsOf(groups);
  return patients === 0 ? null : positives / patients;
}
