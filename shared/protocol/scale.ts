import type { FeatureScale } from '../model/normalization.ts';
import type { Modality } from '../study/study.ts';
import { exactSum } from '../tensor/fixed-point.ts';
import type { Moments } from './messages.ts';

/** Below this share of the mean square a variance is rounding of the sums, and the column is constant. */
const CONSTANT = 1e-12;

/** The mean and population deviation that the sums stand for. No value: 0 and 1; a constant column: deviation 1. */
export function scaleOf(count: number, sum: number, sumSquares: number): { mean: number; deviation: number } {
  if (!(count > 0)) return { mean: 0, deviation: 1 };
  const mean = sum / count;
  const meanSquare = sumSquares / count;
  const variance = meanSquare - mean * mean;
  return { mean, deviation: variance > CONSTANT * meanSquare ? Math.sqrt(variance) : 1 };
}

/** {@link scaleOf} for each feature. */
export function featureScale(moments: Moments): FeatureScale {
  const each = Array.from(moments.count, (count, j) =>
    scaleOf(count, moments.sum[j] as number, moments.sumSquares[j] as number),
  );
  return {
    mean: Float64Array.from(each, ({ mean }) => mean),
    deviation: Float64Array.from(each, ({ deviation }) => deviation),
  };
}

/**
 * Declared ranges as scales: the middle and half the width for a numeric feature; 0 and 1, which change nothing, for all
 * else.
 */
export function rangeScale(modality: Modality, width: number): FeatureScale {
  const ranges = Array.from({ length: width }, (_, j) => {
    const feature = modality.kind === 'tabular' ? modality.features[j] : undefined;
    return feature?.kind === 'numeric' && feature.range !== undefined ? feature.range : ([-1, 1] as const);
  });
  return {
    mean: Float64Array.from(ranges, ([low, high]) => (low + high) / 2),
    deviation: Float64Array.from(ranges, ([low, high]) => (high - low) / 2),
  };
}

/** The sums over several sites: those that a sum in the ring gives, whatever the order. */
export function addMoments(width: number, all: readonly Moments[]): Moments {
  const total = (of: keyof Moments) =>
    Float64Array.from({ length: width }, (_, j) => exactSum(all.map((moments) => moments[of][j] ?? 0)));
  return { count: total('count'), sum: total('sum'), sumSquares: total('sumSquares') };
}

export function emptyMoments(width: number): Moments {
  return {
    count: new Float64Array(width),
    sum: new Float64Array(width),
    sumSquares: new Float64Array(width),
  };
}
