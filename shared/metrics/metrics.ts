import { expectedCalibrationError } from './calibration-curve.ts';
import { gridPairCounts } from './concordance.ts';
import { calibrationInTheLarge, calibrationSlope } from './recalibration.ts';
import { auprc, auroc, balancedAccuracy, f1, prevalence } from './score-groups.ts';
import {
  type ClassSums,
  type EvaluationSums,
  type RegressionSums,
  RISK_BINS,
  type ScoreSums,
  type SurvivalSums,
  TIME_BINS,
} from './sums.ts';

/** Metrics by name; null where one is not defined: no patient, one class only, no comparable pair. */
export type MetricValues = Readonly<Record<string, number | null>>;

/**
 * All metrics of the task.
 * Binary: auroc, auprc, accuracy, balancedAccuracy, f1, brier, ece, logLoss, calibrationSlope, calibrationIntercept
 * (in the large: slope 1), prevalence. Multiclass: auroc, auprc, ece, calibrationSlope as means over classes (one
 * against the rest); accuracy, balancedAccuracy (mean recall) and f1 (mean over classes) of the most probable class;
 * brier and logLoss over all classes. Needs `task` to be told from multilabel, where each metric is the mean over
 * labels. In both calibrationIntercept is the mean distance from 0: with its sign, classes would cancel out.
 * Regression: rmse, mae, r2. Survival: cIndex (all pairs, from the grid), cIndexWithin (pairs within sites).
 */
export function metricsOf(sums: EvaluationSums, task: { readonly kind: string }): MetricValues {
  const table = tableOf(sums, task);
  return Object.fromEntries([...table].map(([name, metric]) => [name, metric()]));
}

/** One metric by name, without the cost of the others; null also where the task has no such metric. */
export function metricOf(name: string, sums: EvaluationSums, task: { readonly kind: string }): number | null {
  return tableOf(sums, task).get(name)?.() ?? null;
}

type Table = ReadonlyMap<string, () => number | null>;

function tableOf(sums: EvaluationSums, task: { readonly kind: string }): Table {
  switch (sums.kind) {
    case 'class':
      if (task.kind === 'multiclass') return multiclass(sums);
      return task.kind === 'multilabel' ? multilabel(sums) : binary(sums);
    case 'regression':
      return regression(sums);
    case 'survival':
      return survival(sums);
  }
}

function binary(sums: ClassSums): Table {
  const output = sums.outputs[0] as ScoreSums;
  return new Map([
    ['auroc', () => auroc(output)],
    ['auprc', () => auprc(output)],
    ['accuracy', () => share(sums.correct, sums.patients)],
    ['balancedAccuracy', () => balancedAccuracy(output)],
    ['f1', () => f1(output)],
    ['brier', () => share(output.squaredError, sums.patients)],
    ['ece', () => expectedCalibrationError(output)],
    ['logLoss', () => share(output.logLoss, sums.patients)],
    ['calibrationSlope', () => calibrationSlope(output)],
    ['calibrationIntercept', () => calibrationInTheLarge(output)],
    ['prevalence', () => prevalence(output)],
  ]);
}

function multiclass({ outputs, patients, correct, calls }: ClassSums): Table {
  return new Map([
    ['auroc', () => macro(outputs, auroc)],
    ['auprc', () => macro(outputs, auprc)],
    ['accuracy', () => share(correct, patients)],
    ['balancedAccuracy', () => meanRecall(calls)],
    ['f1', () => meanF1(calls)],
    [
      'brier',
      () =>
        share(
          total(outputs, (output) => output.squaredError),
          patients,
        ),
    ],
    ['ece', () => macro(outputs, expectedCalibrationError)],
    [
      'logLoss',
      () =>
        share(
          total(outputs, (output) => output.logLoss),
          patients,
        ),
    ],
    ['calibrationSlope', () => macro(outputs, calibrationSlope)],
    ['calibrationIntercept', () => macro(outputs, distanceInTheLarge)],
  ]);
}

function multilabel({ outputs, patients, correct }: ClassSums): Table {
  const perLabel = patients * outputs.length;
  return new Map([
    ['auroc', () => macro(outputs, auroc)],
    ['auprc', () => macro(outputs, auprc)],
    ['accuracy', () => share(correct, patients)],
    ['balancedAccuracy', () => macro(outputs, balancedAccuracy)],
    ['f1', () => macro(outputs, f1)],
    [
      'brier',
      () =>
        share(
          total(outputs, (output) => output.squaredError),
          perLabel,
        ),
    ],
    ['ece', () => macro(outputs, expectedCalibrationError)],
    [
      'logLoss',
      () =>
        share(
          total(outputs, (output) => output.logLoss),
          perLabel,
        ),
    ],
    ['calibrationSlope', () => macro(outputs, calibrationSlope)],
    ['calibrationIntercept', () => macro(outputs, distanceInTheLarge)],
    ['prevalence', () => macro(outputs, prevalence)],
  ]);
}

function regression(sums: RegressionSums): Table {
  const { patients, sumTruth, sumTruthSquares, squaredError, absoluteError } = sums;
  const spread = patients === 0 ? 0 : sumTruthSquares - (sumTruth * sumTruth) / patients;
  // Below the rounding of the two sums the truth does not vary at all.
  const varies = spread > 1e-12 * sumTruthSquares;
  return new Map([
    ['rmse', () => (patients === 0 ? null : Math.sqrt(squaredError / patients))],
    ['mae', () => share(absoluteError, patients)],
    ['r2', () => (varies ? 1 - squaredError / spread : null)],
  ]);
}

function survival(sums: SurvivalSums): Table {
  return new Map([
    [
      'cIndex',
      () => {
        const pairs = gridPairCounts(sums.grid, RISK_BINS, TIME_BINS);
        return share(pairs.concordant, pairs.comparable);
      },
    ],
    ['cIndexWithin', () => share(sums.concordant, sums.comparable)],
  ]);
}

/** Mean over the classes that have patients; null unless two have. @param calls of `ClassSums`. */
function meanRecall(calls: Float64Array): number | null {
  const recalls = byClass(calls).flatMap(([right, , missed]) => share(right, right + missed) ?? []);
  return recalls.length < 2 ? null : mean(recalls);
}

/** Mean over the classes that have patients or were called. @param calls of `ClassSums`. */
function meanF1(calls: Float64Array): number | null {
  return mean(
    byClass(calls).flatMap(([right, wrong, missed]) => share(2 * right, 2 * right + wrong + missed) ?? []),
  );
}

/** Rightly called so, wrongly called so, of the class but called another. */
function byClass(calls: Float64Array): readonly (readonly [number, number, number])[] {
  return Array.from({ length: calls.length / 3 }, (_, k) => [
    calls[3 * k] as number,
    calls[3 * k + 1] as number,
    calls[3 * k + 2] as number,
  ]);
}

function distanceInTheLarge(output: ScoreSums): number | null {
  const intercept = calibrationInTheLarge(output);
  return intercept === null ? null : Math.abs(intercept);
}

/** Mean over the outputs for which the metric is defined. */
function macro(outputs: readonly ScoreSums[], metric: (output: ScoreSums) => number | null): number | null {
  return mean(outputs.flatMap((output) => metric(output) ?? []));
}

/** Null of none. */
function mean(values: readonly number[]): number | null {
  return share(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );
}

function total(outputs: readonly ScoreSums[], part: (output: ScoreSums) => number): number {
  return outputs.reduce((sum, output) => sum + part(output), 0);
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
