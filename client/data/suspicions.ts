import type { Feature } from '../../shared/study/study.ts';

/** Numbers that tables put where nothing was measured; 0 has a rule of its own. */
const CODES = [-1, -9, -99, -999, -9999, 99, 999, 9999, 99999];

export interface Suspicion {
  readonly kind: 'suspicious-code' | 'implausible';
  readonly text: string;
}

/**
 * Values that are probably not measurements. Zero: it stands apart from positive values whose smallest is above a fifth
 * of their median, as of a blood pressure, and the study declares no range. A code of {@link CODES} and implausible
 * values: beyond the quartiles of the others by 5 or 10 times the distance between them.
 * @param present the feature's values, at least one, missing codes taken out.
 */
export function suspicions(feature: Feature & { kind: 'numeric' }, present: Float64Array): Suspicion[] {
  const found: Suspicion[] = [];
  const zeros = present.filter((value) => value === 0).length;
  const others = present.filter((value) => value !== 0);
  if (
    feature.range === undefined &&
    zeros > 0 &&
    (others.length === 0 ? feature.unit !== undefined : standsApart(others))
  ) {
    found.push(code(0, zeros, present.length));
  }
  const sorted = others.toSorted();
  const codes = CODES.filter((value) => sorted.includes(value) && isBeyond(without(sorted, value), value, 5));
  for (const value of codes)
    found.push(code(value, sorted.filter((each) => each === value).length, present.length));
  const measured = sorted.filter((value) => !codes.includes(value));
  const far = measured.filter((value) => isBeyond(measured, value, 10)).length;
  if (far > 0) {
    const text = `${far} of ${present.length} values are far from the others; is the unit the same for all?`;
    found.push({ kind: 'implausible', text });
  }
  return found;
}

function code(value: number, count: number, total: number): Suspicion {
  const text = `${count} of ${total} values are ${value}; if that means "not measured", declare missing: [${value}].`;
  return { kind: 'suspicious-code', text };
}

function standsApart(values: Float64Array): boolean {
  const sorted = values.toSorted();
  const median = sorted[Math.floor(sorted.length / 2)] as number;
  return (sorted[0] as number) > 0.2 * median && (sorted[0] as number) > 0;
}

function without(sorted: Float64Array, value: number): Float64Array {
  return sorted.filter((each) => each !== value);
}

/** Whether `value` lies outside of the quartiles by more than `times` their distance; never among fewer than 8 values. */
function isBeyond(sorted: Float64Array, value: number, times: number): boolean {
  if (sorted.length < 8) return false;
  const lower = sorted[Math.floor(sorted.length / 4)] as number;
  const upper = sorted[Math.floor((3 * sorted.length) / 4)] as number;
  const margin = times * (upper - lower);
  return margin > 0 && (value < lower - margin || value > upper + margin);
}
