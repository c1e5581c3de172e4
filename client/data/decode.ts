import type { Feature } from '../../shared/study/study.ts';
import { type Column, canonical, cell, NOT_A_NUMBER, NUMBER } from './table.ts';

/** The largest number that the network's inputs can hold. */
const FLOAT32_MAX = 3.4028234663852886e38;

/** Cells of one column that do not fit what the study says of it; counts only, never a value. */
export interface CellFault {
  readonly count: number;
  /** Continues "<count> cells", and "1 cell". */
  readonly problem: string;
}

/** A feature's cells: numeric as measured, categorical as level index, NaN where the cell is missing. */
export interface Decoded {
  readonly values: Float64Array;
  readonly faults: readonly CellFault[];
}

/** Applies missing codes first, then levels or range. `rows` picks and orders the cells. */
export function decodeFeature(column: Column, feature: Feature, rows: Int32Array): Decoded {
  return feature.kind === 'numeric'
    ? decodeNumeric(column, feature, rows)
    : decodeCategorical(column, feature, rows);
}

/** A column of plain finite numbers, such as a target or one dimension of an embedding. */
export function decodeNumber(column: Column, rows: Int32Array): Decoded {
  return decodeNumeric(column, { kind: 'numeric', name: '', missing: [] }, rows);
}

/** Indices into `levels`, compared by {@link canonical}; NaN where empty or a missing code. */
export function decodeLevels(
  column: Column,
  options: { readonly levels: readonly (string | number)[]; readonly missing?: readonly (string | number)[] },
  rows: Int32Array,
): Decoded {
  const index = new Map(options.levels.map((level, i) => [canonical(level), i]));
  const missing = new Set((options.missing ?? []).map(canonical));
  let unknown = 0;
  const values = Float64Array.from(rows, (row) => {
    const text = canonical(cell(column, row));
    if (text === undefined || missing.has(text)) return Number.NaN;
    const level = index.get(text) ?? truthLevel(index, text);
    if (level === undefined) unknown++;
    return level ?? Number.NaN;
  });
  return {
    values,
    faults:
      unknown === 0 ? [] : [{ count: unknown, problem: `outside the levels ${levelList(options.levels)}` }],
  };
}

function decodeCategorical(
  column: Column,
  feature: Feature & { kind: 'categorical' },
  rows: Int32Array,
): Decoded {
  return decodeLevels(column, feature, rows);
}

function decodeNumeric(column: Column, feature: Feature & { kind: 'numeric' }, rows: Int32Array): Decoded {
  const missing = new Set(feature.missing.map(canonical));
  const [least, most] = feature.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const count = { literal: 0, text: 0, large: 0, outside: 0 };
  const values = Float64Array.from(rows, (row) => {
    const raw = cell(column, row);
    const text = canonical(raw);
    if (raw === undefined || text === undefined || missing.has(text)) return Number.NaN;
    const isNumber = typeof raw === 'number' || NUMBER.test(text);
    const value = Number(text);
    if (isNumber && Math.abs(value) <= FLOAT32_MAX) {
      if (value >= least && value <= most) return value;
      count.outside++;
    } else if (typeof raw === 'number' ? !Number.isFinite(raw) : NOT_A_NUMBER.test(text)) count.literal++;
    else if (isNumber) count.large++;
    else count.text++;
    return Number.NaN;
  });
  const faults: readonly CellFault[] = [
    { count: count.text, problem: 'without a number' },
    { count: count.literal, problem: 'with a literal NaN or infinity' },
    { count: count.large, problem: 'beyond 3.4e38, the largest number that can be computed with' },
    {
      count: count.outside,
      problem: `outside the range ${least} to ${most}${feature.unit ? ` ${feature.unit}` : ''}`,
    },
  ];
  return { values, faults: faults.filter((fault) => fault.count > 0) };
}

/** A truth value of the file where the study counts 0 and 1. */
function truthLevel(index: ReadonlyMap<string | undefined, number>, text: string): number | undefined {
  if (text === 'true') return index.get('1');
  return text === 'false' ? index.get('0') : undefined;
}

function levelList(levels: readonly (string | number)[]): string {
  return `${levels.slice(0, 20).join(', ')}${levels.length > 20 ? ' …' : ''}`;
}
