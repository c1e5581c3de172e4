import { ConsiliumError } from '../../shared/core/errors.ts';
import { plural } from '../../shared/core/plural.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import { inSlices } from '../../shared/merge/in-slices.ts';
import { fewestHolders } from '../../shared/study/robust-holders.ts';
import type { RobustSpec } from '../../shared/study/study.ts';
import type { Contribution } from './contribution.ts';

/** Sorting one coordinate of one site, in additions. */
const SORT_COST = 32;

/**
 * Why `spec` cannot be applied to `holders` contributions, or undefined. With fewer than its assumption asks for, a
 * robust mean would promise what it cannot keep, so the block is kept instead.
 */
export function robustShortfall(spec: RobustSpec, holders: number): string | undefined {
  const needed = fewestHolders(spec);
  return holders >= needed
    ? undefined
    : `${spec.kind}: expected at least ${plural(needed, 'holder')}, got ${holders}`;
}

/**
 * The robust centre of the sites' deltas in float64, [d]. Sites are taken in order of their id, so the order of
 * arrival changes no bit. Holds all contributions at once: O(sites × block), unlike the mean. Between slices of
 * coordinates the event loop has its turn.
 * @param contributions of one block, checked, one per site. Borrowed.
 * @param clip C of the block: site k's delta is C · q_k / a_k.
 * @throws ConsiliumError `ROBUST_PRECONDITION` where {@link robustShortfall} says why not.
 */
export async function robustMean(
  spec: Exclude<RobustSpec, { readonly kind: 'mean' | 'geometric-median' }>,
  contributions: readonly Contribution[],
  clip: number,
): Promise<Float64Array> {
  const shortfall = robustShortfall(spec, contributions.length);
  if (shortfall !== undefined) throw new ConsiliumError('ROBUST_PRECONDITION', shortfall);
  const sites = [...contributions]
    .sort((a, b) => (a.site < b.site ? -1 : 1))
    .map(({ vector, share }) => ({ vector, share, unit: clip / share }));
  switch (spec.kind) {
    case 'median':
      return trimmed(sites, Math.floor((sites.length - 1) / 2));
    case 'trimmed-mean':
      return trimmed(sites, spec.trim);
    case 'multi-krum':
      return multiKrum(sites, spec.byzantine);
    default:
      return unreachable(spec);
  }
}

interface SiteDelta {
  readonly vector: Int32Array;
  readonly share: number;
  /** Delta per ring unit. */
  readonly unit: number;
}

/**
 * Per coordinate the plain mean of what is left after the `trim` smallest and largest are taken away; the median
 * where that leaves one or two. Yin et al. 2018, arXiv:1803.01498. Unweighted: a share is no vote.
 */
async function trimmed(sites: readonly SiteDelta[], trim: number): Promise<Float64Array> {
  const centre = new Float64Array(sizeOf(sites));
  const values = new Float64Array(sites.length);
  const kept = values.subarray(trim, sites.length - trim);
  await inSlices(
    centre.length,
    (from, to) => {
      for (let j = from; j < to; j++) {
        for (const [k, { vector, unit }] of sites.entries()) values[k] = (vector[j] as number) * unit;
        values.sort();
        let sum = 0;
        for (const value of kept) sum += value;
        centre[j] = sum / kept.length;
      }
    },
    SORT_COST * sites.length,
  );
  return centre;
}

/**
 * Each site's score is the sum of its squared distances to its n − f − 2 nearest others; the n − f sites of the
 * lowest score (ties by site id) are averaged by share. Blanchard et al. 2017, "Machine Learning with Adversaries".
 */
async function multiKrum(sites: readonly SiteDelta[], byzantine: number): Promise<Float64Array> {
  const n = sites.length;
  const gaps = await squaredGaps(sites);
  const scores = sites.map((_, k) => {
    const others = [...gaps.subarray(k * n, (k + 1) * n)].filter((_, j) => j !== k).sort((a, b) => a - b);
    return others.slice(0, n - byzantine - 2).reduce((sum, gap) => sum + gap, 0);
  });
  const chosen = [...scores.keys()]
    .sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b)
    .slice(0, n - byzantine);
  const kept = sites.filter((_, k) => chosen.includes(k));
  return weightedMean(
    kept,
    kept.map(({ share }) => share),
  );
}

async function weightedMean(sites: readonly SiteDelta[], weights: readonly number[]): Promise<Float64Array> {
  const mean = new Float64Array(sizeOf(sites));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const addSlice = (from: number, to: number) => {
    for (const [k, { vector, unit }] of sites.entries()) {
      const factor = ((weights[k] as number) / total) * unit;
      for (let j = from; j < to; j++) mean[j] = (mean[j] as number) + factor * (vector[j] as number);
    }
  };
  await inSlices(mean.length, addSlice, 2 * sites.length);
  return mean;
}

/** ‖Δ_a − Δ_b‖² at a · n + b. */
async function squaredGaps(sites: readonly SiteDelta[]): Promise<Float64Array> {
  const n = sites.length;
  const squares = new Float64Array(n * n);
  const addSlice = (from: number, to: number) => {
    for (const [a, one] of sites.entries()) {
      for (const [b, other] of sites.entries()) {
        // Gaps are the same both ways, to the bit.
        if (a < b)
          squares[a * n + b] = squaredGap(one, other, { from, to, sum: squares[a * n + b] as number });
      }
    }
  };
  await inSlices(sizeOf(sites), addSlice, 2 * n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) squares[a * n + b] = squares[b * n + a] as number;
  }
  return squares;
}

/** `sum` and the squares of coordinates [from, to). */
function squaredGap(
  a: SiteDelta,
  b: SiteDelta,
  { from, to, sum }: { readonly from: number; readonly to: number; readonly sum: number },
): number {
  let squares = sum;
  for (let j = from; j < to; j++) {
    const gap = a.unit * (a.vector[j] as number) - b.unit * (b.vector[j] as number);
    squares += gap * gap;
  }
  return squares;
}

function sizeOf(sites: readonly SiteDelta[]): number {
  return sites[0]?.vector.length ?? 0;
}
