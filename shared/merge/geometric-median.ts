import type { RobustSpec } from '../study/study.ts';
import { inSlices } from './in-slices.ts';

export type MedianSpec = Extract<RobustSpec, { readonly kind: 'geometric-median' }>;

/** What one site brings to a sum, or all of them together: a weight, and integers of at most that weight. */
export interface Weighed {
  readonly weight: number;
  /** int32, [d]: weight · delta / C. Borrowed. */
  readonly vector: Int32Array;
}

/**
 * What a site brings to the next weighted mean of the geometric median: the delta that it brought to the first, by
 * a' = max(1, floor(a · min(1, ν / ‖Δ − G‖₂))), with G the mean before and ν = `smoothing` · C. Lengths are taken in
 * clips, so that C drops out; in float64, summed in order. This is the smoothed Weiszfeld step of RFA (Pillutla, Kakade &
 * Harchaoui, arXiv:1912.13445), whose 1 / max(ν, ·) is scaled by ν: then no weight grows, and what bounds a sum by the
 * registered weights bounds this one.
 *
 * Computed from the integers alone, so that it is the same at the site, under masks, and at the coordinator, without. A
 * site that adds noise added it before: a function of its noised delta and of published sums costs no privacy more.
 * @param first |q_j| <= weight.
 * @param before the sum of the mean before; its weight is above 0, its length that of `first`.
 * @returns the caller's vector, |q'_j| <= a'.
 */
export async function reweighed(first: Weighed, before: Weighed, smoothing: number): Promise<Weighed> {
  const distance = await distanceOf(first, before);
  const weight = Math.max(1, Math.floor(first.weight * Math.min(1, smoothing / distance)));
  const ratio = weight / first.weight;
  const vector = new Int32Array(first.vector.length);
  await inSlices(vector.length, (from, to) => {
    for (let j = from; j < to; j++) vector[j] = Math.round(ratio * (first.vector[j] as number));
  });
  return { weight, vector };
}

/** In clips. */
async function distanceOf(one: Weighed, other: Weighed): Promise<number> {
  let squares = 0;
  await inSlices(one.vector.length, (from, to) => {
    let sum = squares;
    for (let j = from; j < to; j++) {
      const gap = (one.vector[j] as number) / one.weight - (other.vector[j] as number) / other.weight;
      sum += gap * gap;
    }
    squares = sum;
  });
  return Math.sqrt(squares);
}

/** Sums under masks that a round takes. */
export function sumsOfRound(robust: RobustSpec): number {
  return robust.kind === 'geometric-median' ? robust.iterations : 1;
}

/** How often what a site brings is rounded, at most: once more where it is weighed again. */
export function roundingsOf(robust: RobustSpec): number {
  return robust.kind === 'geometric-median' ? 2 : 1;
}
