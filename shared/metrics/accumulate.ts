import { ConsiliumError } from '../core/errors.ts';
import { unreachable } from '../core/unreachable.ts';
import { pairCounts } from './concordance.ts';
import { outputsOf, type ScoredTask, type TrueLabels } from './scored-task.ts';
import {
  type ClassSums,
  type EvaluationSums,
  type RegressionSums,
  RISK_BINS,
  SCORE_BINS,
  type ScoreSums,
  type SurvivalSums,
  TIME_BINS,
} from './sums.ts';

/** Probabilities below this count as this in the log loss, so that one sure mistake does not make it infinite. */
export const PROBABILITY_FLOOR = 1e-7;

/**
 * The sums of one site's scored patients.
 * @param scores [n, K] probabilities (binary: K = 1, of class 1), values in the target's unit, or log-risks.
 * @param labels of the same n patients in the same order.
 * @param options.horizon survival: end of the time axis in the study's unit, the same at every site.
 * @throws ConsiliumError `NOT_FINITE` on NaN, an infinite score or a probability outside [0, 1].
 */
export function sumsOf(
  task: ScoredTask,
  scores: Float32Array,
  labels: TrueLabels,
  options: { readonly horizon?: number } = {},
): EvaluationSums {
  const outputs = outputsOf(task);
  switch (labels.kind) {
    case 'class':
      expectLengths(scores.length, labels.values.length * outputs);
      return task.kind === 'binary'
        ? binarySums(scores, labels.values)
        : multiclassSums(scores, labels.values, outputs);
    case 'multilabel':
      expectLengths(scores.length, labels.values.length);
      return multilabelSums(scores, labels.values, outputs);
    case 'regression':
      expectLengths(scores.length, labels.values.length);
      return regressionSums(scores, labels.values);
    case 'survival':
      expectLengths(scores.length, labels.time.length);
      return survivalSums(scores, labels, options.horizon ?? Number.NaN);
    default:
      return unreachable(labels);
  }
}

/** The sums of no patient at all: what merging starts from. */
export function emptySums(task: ScoredTask): EvaluationSums {
  switch (task.kind) {
    case 'binary':
    case 'multiclass':
    case 'multilabel':
      return {
        kind: 'class',
        patients: 0,
        correct: 0,
        outputs: Array.from({ length: outputsOf(task) }, emptyScores),
        calls: new Float64Array(task.kind === 'multiclass' ? 3 * outputsOf(task) : 0),
      };
    case 'regression':
      return {
        kind: 'regression',
        patients: 0,
        sumTruth: 0,
        sumTruthSquares: 0,
        squaredError: 0,
        absoluteError: 0,
      };
    case 'survival':
      return {
        kind: 'survival',
        patients: 0,
        events: 0,
        comparable: 0,
        concordant: 0,
        grid: new Float64Array(2 * RISK_BINS * TIME_BINS),
      };
    default:
      return unreachable(task);
  }
}

/** A fresh a + b; both of the same task. */
export function addSums(a: EvaluationSums, b: EvaluationSums): EvaluationSums {
  if (a.kind === 'class' && b.kind === 'class' && a.outputs.length === b.outputs.length) {
    return {
      kind: 'class',
      patients: a.patients + b.patients,
      correct: a.correct + b.correct,
      outputs: a.outputs.map((scores, k) => addScores(scores, b.outputs[k] as ScoreSums)),
      calls: addArrays(a.calls, b.calls),
    };
  }
  if (a.kind === 'regression' && b.kind === 'regression') return addRegression(a, b);
  if (a.kind === 'survival' && b.kind === 'survival') {
    return {
      kind: 'survival',
      patients: a.patients + b.patients,
      events: a.events + b.events,
      comparable: a.comparable + b.comparable,
      concordant: a.concordant + b.concordant,
      grid: addArrays(a.grid, b.grid),
    };
  }
  throw new ConsiliumError(
    'INTERNAL',
    `evaluation sums: expected two of one task, got ${a.kind} and ${b.kind}`,
  );
}

/** The sum over sites, float64 in the given order; a site that had to stay silent (undefined) adds nothing. */
export function mergeSums(task: ScoredTask, list: readonly (EvaluationSums | undefined)[]): EvaluationSums {
  return list.reduce<EvaluationSums>(
    (total, sums) => (sums === undefined ? total : addSums(total, sums)),
    emptySums(task),
  );
}

/** The bin of a probability; 1 belongs to the last. */
export function scoreBin(probability: number): number {
  return Math.min(SCORE_BINS - 1, Math.floor(probability * SCORE_BINS));
}

interface OpenScores {
  positive: Float64Array;
  negative: Float64Array;
  scoreSum: Float64Array;
  squaredError: number;
  logLoss: number;
}

function emptyScores(): OpenScores {
  return {
    positive: new Float64Array(SCORE_BINS),
    negative: new Float64Array(SCORE_BINS),
    scoreSum: new Float64Array(SCORE_BINS),
    squaredError: 0,
    logLoss: 0,
  };
}

/** Counts one patient in place. */
function countScore(into: OpenScores, probability: number, isPositive: boolean): void {
  if (!(probability >= 0 && probability <= 1)) {
    throw new ConsiliumError(
      'NOT_FINITE',
      'scores: expected probabilities in [0, 1], got one outside or NaN',
    );
  }
  const bin = scoreBin(probability);
  const counts = isPositive ? into.positive : into.negative;
  counts[bin] = (counts[bin] as number) + 1;
  into.scoreSum[bin] = (into.scoreSum[bin] as number) + probability;
  into.squaredError += (probability - (isPositive ? 1 : 0)) ** 2;
  into.logLoss += minusLog(isPositive ? probability : 1 - probability);
}

function binarySums(scores: Float32Array, labels: Int32Array): ClassSums {
  const output = emptyScores();
  let correct = 0;
  labels.forEach((label, i) => {
    const probability = scores[i] as number;
    countScore(output, probability, label === 1);
    if (probability >= 0.5 === (label === 1)) correct += 1;
  });
  return { kind: 'class', patients: labels.length, correct, outputs: [output], calls: new Float64Array(0) };
}

/** The log loss of a class counts its own patients only, so that the classes add up to the cross-entropy. */
function multiclassSums(scores: Float32Array, labels: Int32Array, classes: number): ClassSums {
  const outputs = Array.from({ length: classes }, emptyScores);
  const calls = new Float64Array(3 * classes);
  let correct = 0;
  labels.forEach((label, i) => {
    const row = scores.subarray(i * classes, (i + 1) * classes);
    outputs.forEach((output, k) => {
      const before = output.logLoss;
      countScore(output, row[k] as number, label === k);
      if (label !== k) output.logLoss = before;
    });
    const called = mostProbable(row);
    if (called === label) correct += 1;
    countCall(calls, { called, label, weight: 1 });
  });
  return { kind: 'class', patients: labels.length, correct, outputs, calls };
}

function multilabelSums(scores: Float32Array, labels: Uint8Array, width: number): ClassSums {
  const outputs = Array.from({ length: width }, emptyScores);
  let hits = 0;
  labels.forEach((label, at) => {
    const probability = scores[at] as number;
    countScore(outputs[at % width] as OpenScores, probability, label === 1);
    if (probability >= 0.5 === (label === 1)) hits += 1;
  });
  return {
    kind: 'class',
    patients: labels.length / width,
    correct: hits / width,
    outputs,
    calls: new Float64Array(0),
  };
}

function regressionSums(scores: Float32Array, labels: Float64Array): RegressionSums {
  const sums = { sumTruth: 0, sumTruthSquares: 0, squaredError: 0, absoluteError: 0 };
  labels.forEach((truth, i) => {
    const error = finite(scores[i] as number) - truth;
    sums.sumTruth += truth;
    sums.sumTruthSquares += truth * truth;
    sums.squaredError += error * error;
    sums.absoluteError += Math.abs(error);
  });
  return { kind: 'regression', patients: labels.length, ...sums };
}

function survivalSums(
  risks: Float32Array,
  labels: { readonly time: Float64Array; readonly event: Uint8Array },
  horizon: number,
): SurvivalSums {
  if (!(horizon > 0)) {
    throw new ConsiliumError('NOT_FINITE', `survival sums: expected a horizon above 0, got ${horizon}`);
  }
  const grid = new Float64Array(2 * RISK_BINS * TIME_BINS);
  let events = 0;
  risks.forEach((risk, i) => {
    const probability = 1 / (1 + Math.exp(-finite(risk)));
    const riskBin = Math.min(RISK_BINS - 1, Math.floor(probability * RISK_BINS));
    const timeBin = Math.min(TIME_BINS - 1, Math.floor(((labels.time[i] as number) / horizon) * TIME_BINS));
    const event = labels.event[i] === 1 ? 1 : 0;
    const cell = (event * RISK_BINS + riskBin) * TIME_BINS + timeBin;
    grid[cell] = (grid[cell] as number) + 1;
    events += event;
  });
  const { comparable, concordant } = pairCounts({ risk: risks, time: labels.time, event: labels.event });
  return { kind: 'survival', patients: risks.length, events, comparable, concordant, grid };
}

/** Adds `weight` patients of class `label` who were called `called` to `calls` of {@link ClassSums}, in place. */
export function countCall(
  calls: Float64Array,
  patient: { readonly called: number; readonly label: number; readonly weight: number },
): void {
  const { called, label, weight } = patient;
  const at = called === label ? [3 * label] : [3 * called + 1, 3 * label + 2];
  for (const i of at) calls[i] = (calls[i] as number) + weight;
}

/** The first of the largest. */
export function mostProbable(row: Float32Array): number {
  return row.reduce((best, value, k) => (value > (row[best] as number) ? k : best), 0);
}

function addScores(a: ScoreSums, b: ScoreSums): ScoreSums {
  return {
    positive: addArrays(a.positive, b.positive),
    negative: addArrays(a.negative, b.negative),
    scoreSum: addArrays(a.scoreSum, b.scoreSum),
    squaredError: a.squaredError + b.squaredError,
    logLoss: a.logLoss + b.logLoss,
  };
}

function addRegression(a: RegressionSums, b: RegressionSums): RegressionSums {
  return {
    kind: 'regression',
    patients: a.patients + b.patients,
    sumTruth: a.sumTruth + b.sumTruth,
    sumTruthSquares: a.sumTruthSquares + b.sumTruthSquares,
    squaredError: a.squaredError + b.squaredError,
    absoluteError: a.absoluteError + b.absoluteError,
  };
}

function addArrays(a: Float64Array, b: Float64Array): Float64Array {
  expectLengths(a.length, b.length);
  return a.map((value, i) => value + (b[i] as number));
}

function minusLog(probability: number): number {
  return -Math.log(Math.max(probability, PROBABILITY_FLOOR));
}

function finite(value: number): number {
  if (!Number.isFinite(value)) {
    throw new ConsiliumError('NOT_FINITE', 'scores: expected finite numbers, got NaN or an infinite one');
  }
  return value;
}

function expectLengths(found: number, expected: number): void {
  if (found !== expected) {
    throw new ConsiliumError('INTERNAL', `evaluation sums: expected ${expected} numbers, got ${found}`);
  }
}
