import { siteId } from '../core/ids.ts';
import { type EvaluationSums, RISK_BINS, SCORE_BINS, type ScoreSums, TIME_BINS } from '../metrics/sums.ts';
import type { Evaluation } from '../protocol/messages.ts';
import { readCells, writeCells } from './cells-codec.ts';
import { type Field, finite, float64s, hash, id, list, uint32, uint64, whole } from './fields.ts';
import { consilium } from './generated/consilium.js';
import { message, oneof } from './message.ts';
import { part } from './transfer-codec.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

/** 1,000 subsets of at most 24 fields each. */
const MAX_FIELDS = 24_576;
/** Float64 values that an evaluation may expand into: 64 MiB. A few bytes can name a grid that is all zeros. */
export const MAX_EVALUATION_CELLS = 2 ** 23;
const MAX_OUTPUTS = 1000;
const GRID_CELLS = 2 * RISK_BINS * TIME_BINS;

type Contents<Kind extends EvaluationSums['kind']> = Omit<Extract<EvaluationSums, { kind: Kind }>, 'kind'>;
type WireClass = consilium.v1.ClassSums.$Properties;

const outputs = whole(0, MAX_OUTPUTS);

/** The outputs' bins lie one behind the other: a message for each would be thousands of fields. */
const classSums: Field<Contents<'class'>, WireClass> = {
  write(sums, where) {
    const count = sums.outputs.length;
    const bins = (name: 'positive' | 'negative' | 'scoreSum') =>
      writeCells(joined(sums.outputs, name, where), count * SCORE_BINS, `${where}.${name}`);
    const each = (name: 'squaredError' | 'logLoss') =>
      float64s.write(
        Float64Array.from(sums.outputs, (output) => output[name]),
        `${where}.${name}`,
      ) as Uint8Array;
    const { calls } = sums;
    return {
      patients: uint64.write(sums.patients, `${where}.patients`) as number,
      correct: finite.write(sums.correct, `${where}.correct`) as number,
      outputs: outputs.write(count, `${where}.outputs`) as number,
      positive: bins('positive'),
      negative: bins('negative'),
      scoreSum: bins('scoreSum'),
      squaredError: each('squaredError'),
      logLoss: each('logLoss'),
      ...(calls.length === 0 ? {} : { calls: writeCells(calls, 3 * count, `${where}.calls`) }),
    };
  },
  read(wire = {}, where) {
    const count = outputs.read(wire.outputs ?? undefined, `${where}.outputs`);
    const bins = (name: 'positive' | 'negative' | 'scoreSum') =>
      readCells(wire[name], count * SCORE_BINS, `${where}.${name}`);
    const each = (name: 'squaredError' | 'logLoss') => {
      const values = float64s.read(wire[name] ?? undefined, `${where}.${name}`);
      if (values.length === count) return values;
      throw wireInvalid(`${where}.${name}`, `expected ${count} values, got ${values.length}`);
    };
    const columns = {
      positive: bins('positive'),
      negative: bins('negative'),
      scoreSum: bins('scoreSum'),
      squaredError: each('squaredError'),
      logLoss: each('logLoss'),
    };
    return {
      patients: uint64.read(wire.patients ?? undefined, `${where}.patients`),
      correct: finite.read(wire.correct ?? undefined, `${where}.correct`),
      outputs: Array.from({ length: count }, (_, i) => outputOf(columns, i)),
      calls: wire.calls ? readCells(wire.calls, 3 * count, `${where}.calls`) : new Float64Array(0),
    };
  },
};

const grid: Field<Float64Array, consilium.v1.Cells.$Properties> = {
  write: (values, where) => writeCells(values, GRID_CELLS, where),
  read: (wire, where) => readCells(wire, GRID_CELLS, where),
};

const sums = oneof<EvaluationSums, consilium.v1.SubsetSums.$Properties>(
  { class: 'class', regression: 'regression', survival: 'survival' },
  {
    class: classSums,
    regression: message<Contents<'regression'>, consilium.v1.RegressionSums.$Properties>(
      'RegressionSums',
      v1.RegressionSums,
      {
        patients: uint64,
        sumTruth: finite,
        sumTruthSquares: finite,
        squaredError: finite,
        absoluteError: finite,
      },
    ),
    survival: message<Contents<'survival'>, consilium.v1.SurvivalSums.$Properties>(
      'SurvivalSums',
      v1.SurvivalSums,
      { patients: uint64, events: uint64, comparable: finite, concordant: finite, grid },
    ),
  },
);

/** A subset without sums is an empty message. */
const subset: Field<EvaluationSums | undefined, consilium.v1.SubsetSums.$Properties> = {
  write: (value, where) => (value === undefined ? {} : sums.write(value, where)),
  read: (wire = {}, where) =>
    wire.class || wire.regression || wire.survival ? sums.read(wire, where) : undefined,
};

const bounded = list(subset);
const evaluation = message<Evaluation, consilium.v1.Evaluation.$Properties>(
  'Evaluation',
  v1.Evaluation,
  {
    site: id(siteId),
    studyHash: hash,
    round: uint32,
    part,
    subsets: {
      write(values: Evaluation['subsets'], where: string) {
        requireCells(values.map(cellsOf), where);
        return bounded.write(values, where);
      },
      read(wire: consilium.v1.SubsetSums.$Properties[] = [], where: string) {
        requireCells(wire.map(wireCells), where);
        return bounded.read(wire, where);
      },
    },
  },
  { maxFields: MAX_FIELDS },
);

/** The content to upload. */
export const { encode: encodeEvaluation, decode: decodeEvaluation } = evaluation;

function requireCells(cells: readonly number[], where: string): void {
  const total = cells.reduce((sum, count) => sum + count, 0);
  if (!(total <= MAX_EVALUATION_CELLS)) {
    throw wireInvalid(where, `expected at most ${MAX_EVALUATION_CELLS} values in all, got ${total}`);
  }
}

function cellsOf(value: EvaluationSums | undefined): number {
  switch (value?.kind) {
    case 'class':
      return value.outputs.length * 3 * SCORE_BINS;
    case 'survival':
      return GRID_CELLS;
    default:
      return 0;
  }
}

function wireCells(wire: consilium.v1.SubsetSums.$Properties): number {
  if (wire.class) return Number(wire.class.outputs ?? 0) * 3 * SCORE_BINS;
  return wire.survival ? GRID_CELLS : 0;
}

/** The bins of all outputs, [K, SCORE_BINS]. */
function joined(
  all: readonly ScoreSums[],
  name: 'positive' | 'negative' | 'scoreSum',
  where: string,
): Float64Array {
  const values = new Float64Array(all.length * SCORE_BINS);
  for (const [i, output] of all.entries()) {
    const bins = output[name];
    if (bins.length !== SCORE_BINS) {
      throw wireInvalid(`${where}.${name}`, `expected ${SCORE_BINS} bins, got ${bins.length}`);
    }
    values.set(bins, i * SCORE_BINS);
  }
  return values;
}

/** Views on the columns' bins: they live as long as one of them. */
function outputOf(columns: Readonly<Record<keyof ScoreSums, Float64Array>>, i: number): ScoreSums {
  const bins = (values: Float64Array) => values.subarray(i * SCORE_BINS, (i + 1) * SCORE_BINS);
  return {
    positive: bins(columns.positive),
    negative: bins(columns.negative),
    scoreSum: bins(columns.scoreSum),
    squaredError: columns.squaredError[i] as number,
    logLoss: columns.logLoss[i] as number,
  };
}
