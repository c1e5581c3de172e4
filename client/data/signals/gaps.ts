/** A stretch without valid samples: from the index of the first up to, without, that of the last + 1. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Shorter gaps are bridged by a straight line; longer ones are as if not recorded. */
export const LONGEST_BRIDGE_S = 0.2;

/**
 * Replaces NaN and ±∞ by the straight line between their neighbors, at the ends by the nearest value.
 * @param values borrowed.
 * @returns values in float64, all finite, and the gaps that are too long to be believed; undefined if nothing is valid.
 */
export function fillGaps(
  values: Float32Array,
  rateHz: number,
): { readonly filled: Float64Array; readonly gaps: readonly Gap[] } | undefined {
  const filled = Float64Array.from(values);
  const gaps: Gap[] = [];
  for (let from = 0; from < filled.length; from++) {
    if (Number.isFinite(filled[from])) continue;
    let to = from + 1;
    while (to < filled.length && !Number.isFinite(filled[to])) to++;
    if (from === 0 && to === filled.length) return undefined;
    bridge(filled, { from, to });
    if (to - from > LONGEST_BRIDGE_S * rateHz) gaps.push({ from, to });
    from = to;
  }
  return filled.length === 0 ? undefined : { filled, gaps };
}

/** In place. */
function bridge(values: Float64Array, { from, to }: Gap): void {
  const left = values[from - 1] ?? (values[to] as number);
  const right = values[to] ?? left;
  for (let i = from; i < to; i++) values[i] = left + ((right - left) * (i - from + 1)) / (to - from + 1);
}
