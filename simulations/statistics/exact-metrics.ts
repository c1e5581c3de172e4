import { ConsiliumError } from '../../shared/core/errors.ts';
import { countCall, mostProbable, PROBABILITY_FLOOR, sumsOf } from '../../shared/metrics/accumulate.ts';
import { preparePairs } from '../../shared/metrics/concordance.ts';
import { type MetricValues, metricOf, metricsOf } from '../../shared/metrics/metrics.ts';
import { outputsOf, type ScoredTask, type TrueLabels } from '../../shared/metrics/scored-task.ts';
import type { ClassSums, EvaluationSums, RegressionSums, ScoreSums } from '../../shared/metrics/sums.ts';
import type { ScoredPatients } from './scored-patients.ts';

/**
 * The metrics of `metricsOf` on the raw scores of all patients pooled: no bins. For survival `cIndex` counts all pairs
 * and `cIndexWithin` those within a site.
 */
export function exactMetrics(task: ScoredTask, scored: readonly ScoredPatients[]): MetricValues {
  return prepareMetrics(task, scored).all();
}

/** Metrics of the same patients for many weightings, as a bootstrap needs: sorting is done once. */
export interface PreparedMetrics {
  /** Patients of all sites, in order. */
  readonly patients: number;
  /** Every metric, each patient counted once. */
  all(): MetricValues;
  /** One metric, patient i counted `weights[i]` times; null where it is not defined for this sample. */
  one(name: string, weights?: Float64Array): number | null;
}

export function prepareMetrics(task: ScoredTask, scored: readonly ScoredPatients[]): PreparedMetrics {
  const patients = scored.reduce((sum, { n }) => sum + n, 0);
  const ones = new Float64Array(patients).fill(1);
  if (task.kind === 'survival') return prepareSurvival(scored, patients);
  const sums = task.kind === 'regression' ? prepareRegression(scored) : prepareClasses(task, scored);
  return {
    patients,
    all: () => metricsOf(sums(ones), task),
    one: (name, weights = ones) => metricOf(name, sums(weights), task),
  };
}

type WeightedSums = (weights: Float64Array) => EvaluationSums;

/** Patients gathered by distinct score, per output. */
function prepareClasses(task: ScoredTask, scored: readonly ScoredPatients[]): WeightedSums {
  const outputs = outputsOf(task);
  const singles = scored.flatMap(({ n, scores, labels }) =>
    Array.from({ length: n }, (_, i) =>
      single(task, scores.subarray(i * outputs, (i + 1) * outputs), labels, i),
    ),
  );
  const columns = Array.from({ length: outputs }, (_, k) =>
    prepareOutput(singles.map((one) => one[k] as Single)),
  );
  const correct = Float64Array.from(singles, (one) => one[0]?.correct ?? 0);
  const callsOf = task.kind === 'multiclass' ? prepareCalls(scored, outputs) : () => new Float64Array(0);
  return (weights) => {
    const sums: ClassSums = {
      kind: 'class',
      patients: weights.reduce((sum, weight) => sum + weight, 0),
      correct: weights.reduce((sum, weight, i) => sum + weight * (correct[i] as number), 0),
      outputs: columns.map((column) => column(weights)),
      calls: callsOf(weights),
    };
    return sums;
  };
}

/** `calls` of `ClassSums`. */
function prepareCalls(
  scored: readonly ScoredPatients[],
  classes: number,
): (weights: Float64Array) => Float64Array {
  const patients = scored.flatMap(({ n, scores, labels }) =>
    Array.from({ length: n }, (_, i) => ({
      called: mostProbable(scores.subarray(i * classes, (i + 1) * classes)),
      label: truthsOf(labels, i, classes).indexOf(true),
    })),
  );
  return (weights) => {
    const calls = new Float64Array(3 * classes);
    patients.forEach((patient, i) => {
      countCall(calls, { ...patient, weight: weights[i] as number });
    });
    return calls;
  };
}

/** What one patient adds to one output, as `sumsOf` defines it; `correct` is of the patient, the same for all outputs. */
interface Single {
  readonly score: number;
  readonly isPositive: boolean;
  readonly squaredError: number;
  readonly logLoss: number;
  readonly correct: number;
}

function single(task: ScoredTask, row: Float32Array, labels: TrueLabels, patient: number): Single[] {
  const truths = truthsOf(labels, patient, row.length);
  const best = mostProbable(row);
  const hits = truths.filter((isPositive, k) => (row[k] as number) >= 0.5 === isPositive).length;
  const correct = task.kind === 'multiclass' ? (truths[best] === true ? 1 : 0) : hits / row.length;
  return truths.map((isPositive, k) => {
    const score = row[k] as number;
    const loss = -Math.log(Math.max(PROBABILITY_FLOOR, isPositive ? score : 1 - score));
    return {
      score,
      isPositive,
      squaredError: (score - (isPositive ? 1 : 0)) ** 2,
      logLoss: task.kind === 'multiclass' && !isPositive ? 0 : loss,
      correct,
    };
  });
}

function truthsOf(labels: TrueLabels, patient: number, outputs: number): boolean[] {
  if (labels.kind === 'class') {
    const label = labels.values[patient] as number;
    return Array.from({ length: outputs }, (_, k) => (outputs === 1 ? label === 1 : label === k));
  }
  if (labels.kind === 'multilabel') {
    return Array.from({ length: outputs }, (_, k) => labels.values[patient * outputs + k] === 1);
  }
  throw new ConsiliumError('INTERNAL', `exact metrics: expected class labels, got ${labels.kind}`);
}

function prepareOutput(singles: readonly Single[]): (weights: Float64Array) => ScoreSums {
  const distinct = Float64Array.from(new Set(singles.map(({ score }) => score))).sort();
  const rank = new Map([...distinct].map((score, g) => [score, g]));
  const group = Int32Array.from(singles, ({ score }) => rank.get(score) as number);
  return (weights) => {
    const positive = new Float64Array(distinct.length);
    const negative = new Float64Array(distinct.length);
    const scoreSum = new Float64Array(distinct.length);
    let squaredError = 0;
    let logLoss = 0;
    for (let i = 0; i < singles.length; i++) {
      const weight = weights[i] as number;
      if (weight === 0) continue;
      const one = singles[i] as Single;
      const g = group[i] as number;
      const counts = one.isPositive ? positive : negative;
      counts[g] = (counts[g] as number) + weight;
      scoreSum[g] = (scoreSum[g] as number) + weight * one.score;
      squaredError += weight * one.squaredError;
      logLoss += weight * one.logLoss;
    }
    return { positive, negative, scoreSum, squaredError, logLoss };
  };
}

function prepareRegression(scored: readonly ScoredPatients[]): WeightedSums {
  const singles = scored.flatMap(({ n, scores, labels }) =>
    Array.from({ length: n }, (_, i): RegressionSums => {
      if (labels.kind !== 'regression')
        throw new ConsiliumError('INTERNAL', 'exact metrics: expected targets');
      const one = { ...labels, values: labels.values.subarray(i, i + 1) };
      return sumsOf({ kind: 'regression' }, scores.subarray(i, i + 1), one) as RegressionSums;
    }),
  );
  return (weights) => {
    const total = (part: (one: RegressionSums) => number) =>
      singles.reduce((sum, one, i) => sum + (weights[i] as number) * part(one), 0);
    return {
      kind: 'regression',
      patients: total((one) => one.patients),
      sumTruth: total((one) => one.sumTruth),
      sumTruthSquares: total((one) => one.sumTruthSquares),
      squaredError: total((one) => one.squaredError),
      absoluteError: total((one) => one.absoluteError),
    };
  };
}

function prepareSurvival(scored: readonly ScoredPatients[], patients: number): PreparedMetrics {
  const sites = scored.map(({ scores, labels }) => {
    if (labels.kind !== 'survival')
      throw new ConsiliumError('INTERNAL', 'exact metrics: expected survival labels');
    return { risk: scores, time: labels.time, event: labels.event };
  });
  const everybody = preparePairs({
    risk: sites.flatMap(({ risk }) => [...risk]),
    time: sites.flatMap(({ time }) => [...time]),
    event: sites.flatMap(({ event }) => [...event]),
  });
  const apart = sites.map((site) => preparePairs(site));
  const one = (name: string, weights?: Float64Array): number | null => {
    if (name === 'cIndex') {
      const { comparable, concordant } = everybody(weights);
      return comparable > 0 ? concordant / comparable : null;
    }
    if (name !== 'cIndexWithin') return null;
    let start = 0;
    let comparable = 0;
    let concordant = 0;
    apart.forEach((pairs, s) => {
      const end = start + (sites[s]?.risk.length ?? 0);
      const counts = pairs(weights?.subarray(start, end));
      comparable += counts.comparable;
      concordant += counts.concordant;
      start = end;
    });
    return comparable > 0 ? concordant / comparable : null;
  };
  return { patients, all: () => ({ cIndex: one('cIndex'), cIndexWithin: one('cIndexWithin') }), one };
}
