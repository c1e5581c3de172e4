import {
  COUNT,
  type FixedPart,
  lengthOfParts,
  packParts,
  REAL_SUM,
  readParts,
  UNIT_SUM,
} from '../tensor/fixed-point.ts';
import { emptySums } from './accumulate.ts';
import type { ScoredTask } from './scored-task.ts';
import type { ClassSums, EvaluationSums, RegressionSums, SurvivalSums } from './sums.ts';

/** Coordinates of a task's packed sums; the same at every site. */
export function packedLength(task: ScoredTask): number {
  return lengthOfParts(partsOf(emptySums(task)));
}

/** Sums as one vector that is added up in the ring, exactly. @returns int32, [packedLength], the caller's. */
export function packSums(sums: EvaluationSums): Int32Array {
  return packParts(partsOf(sums));
}

/**
 * What the vectors of `sites` sites add up to.
 * @throws ConsiliumError `NOT_FINITE` where no honest sites send such a sum.
 */
export function unpackSums(task: ScoredTask, vector: Int32Array, sites: number): EvaluationSums {
  const empty = emptySums(task);
  return fromParts(empty, readParts(partsOf(empty), vector, sites));
}

function partsOf(sums: EvaluationSums): readonly FixedPart[] {
  switch (sums.kind) {
    case 'class':
      return [
        [COUNT, Float64Array.of(sums.patients)],
        [REAL_SUM, Float64Array.of(sums.correct)],
        ...sums.outputs.flatMap((output): FixedPart[] => [
          [COUNT, output.positive],
          [COUNT, output.negative],
          [UNIT_SUM, output.scoreSum],
          [REAL_SUM, Float64Array.of(output.squaredError, output.logLoss)],
        ]),
        [COUNT, sums.calls],
      ];
    case 'regression':
      return [
        [COUNT, Float64Array.of(sums.patients)],
        [
          REAL_SUM,
          Float64Array.of(sums.sumTruth, sums.sumTruthSquares, sums.squaredError, sums.absoluteError),
        ],
      ];
    case 'survival':
      return [
        [COUNT, Float64Array.of(sums.patients, sums.events)],
        [REAL_SUM, Float64Array.of(sums.comparable, sums.concordant)],
        [COUNT, sums.grid],
      ];
  }
}

/** @param parts as `partsOf` gives them for sums of the same form. */
function fromParts(form: EvaluationSums, parts: readonly Float64Array[]): EvaluationSums {
  switch (form.kind) {
    case 'class':
      return classSums(form, parts);
    case 'regression': {
      const [
        [patients = 0] = [],
        [sumTruth = 0, sumTruthSquares = 0, squaredError = 0, absoluteError = 0] = [],
      ] = parts;
      const sums: RegressionSums = {
        kind: 'regression',
        patients,
        sumTruth,
        sumTruthSquares,
        squaredError,
        absoluteError,
      };
      return sums;
    }
    case 'survival': {
      const [[patients = 0, events = 0] = [], [comparable = 0, concordant = 0] = [], grid = form.grid] =
        parts;
      const sums: SurvivalSums = { kind: 'survival', patients, events, comparable, concordant, grid };
      return sums;
    }
  }
}

function classSums(form: ClassSums, parts: readonly Float64Array[]): ClassSums {
  const [[patients = 0] = [], [correct = 0] = [], ...rest] = parts;
  const outputs = form.outputs.map((output, k) => {
    const [positive, negative, scoreSum, [squaredError = 0, logLoss = 0] = []] = rest.slice(4 * k, 4 * k + 4);
    return {
      positive: positive ?? output.positive,
      negative: negative ?? output.negative,
      scoreSum: scoreSum ?? output.scoreSum,
      squaredError,
      logLoss,
    };
  });
  return { kind: 'class', patients, correct, outputs, calls: rest[4 * form.outputs.length] ?? form.calls };
}
