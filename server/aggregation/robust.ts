import { ConsiliumError } from '../../shared/core/errors.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import type { RobustSpec } from '../../shared/study/study.ts';
import type { Contribution } from './contribution.ts';

/** ν of the smoothed Weiszfeld iteration: closer than this counts as this close, in units of the delta. */
const SMOOTHING = 1e-6;

/**
 * Why `spec` cannot be applied to `holders` contributions, or undefined. With fewer than its assumption asks for, a
 * robust mean would promise what it cannot keep, so the block is kept instead.
 */
export function robustShortfall(spec: RobustSpec, holders: number): string | undefined {
  const needed = fewestHolders(spec);
  return holders >= needed ? undefined : `${spec.kind}: expected at least ${needed} holders, got ${holders}`;
}

function fewestHolders(spec: RobustSpec): number {
  switch (spec.kind) {
    case 'mean':
    case 'median':
    case 'geometric-median':
      return 1;
    case 'trimmed-mean':
      return 2 * spec.trim + 1;
    case 'multi-krum':
      return 2 * spec.byzantine + 3;
    default:
      return unreachable(spec);
  }
}

/**
 * The robust centre of the sites' deltas in float64, [d]. Sites are taken in order of their id, so the order of
 * arrival changes no bit. Holds all contributions at once: O(sites × block), unlike the mean.
 * @param contributions of one block, checked, one per site. Borrowed.
 * @param clip C of the block: site k's delta is C · q_k / a_k.
 * @throws ConsiliumError `ROBUST_PRECONDITION` where {@link robustShortfall} says why not.
 */
export function robustMean(
  spec: Exclude<RobustSpec, { readonly kind: 'mean' }>,
  contributions: readonly Contribution[],
  clip: number,
): Float64Array {
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
    case 'geometric-median':
      return geometricMedian(sites, spec.iterations);
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
function trimmed(sites: readonly SiteDelta[], trim: number): Float64Array {
  const centre = new Float64Array(sizeOf(sites));
  const values = new Float64Array(sites.length);
  const kept = values.subarray(trim, sites.length - trim);
  for (let j = 0; j < centre.length; j++) {
    for (const [k, { vector, unit }] of sites.entries()) values[k] = (vector[j] as number) * unit;
    values.sort();
    let sum = 0;
    for (const value of kept) sum += value;
    centre[j] = sum / kept.length;
  }
  return centre;
}

/**
 * Smoothed Weiszfeld from the weighted mean: β_k = a_k / max(ν, ‖z − Δ_k‖); z ← Σ β_k Δ_k / Σ β_k.
 * RFA, Pillutla, Kakade & Harchaoui, arXiv:1912.13445.
 */
function geometricMedian(sites: readonly SiteDelta[], iterations: number): Float64Array {
  let centre = weightedMean(
    sites,
    sites.map(({ share }) => share),
  );
  for (let i = 0; i < iterations; i++) {
    const weights = sites.map((site) => site.share / Math.max(SMOOTHING, distance(centre, site)));
    centre = weightedMean(sites, weights);
  }
  return centre;
}

/**
 * Each site's score is the sum of its squared distances to its n − f − 2 nearest others; the n − f sites of the
 * lowest score (ties by site id) are averaged by share. Blanchard et al. 2017, "Machine Learning with Adversaries".
 */
function multiKrum(sites: readonly SiteDelta[], byzantine: number): Float64Array {
  const n = sites.length;
  const distances = sites.map((a) => sites.map((b) => (a === b ? 0 : squaredGap(a, b))));
  const scores = distances.map((row, k) => {
    const others = row.filter((_, j) => j !== k).sort((a, b) => a - b);
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

function weightedMean(sites: readonly SiteDelta[], weights: readonly number[]): Float64Array {
  const mean = new Float64Array(sizeOf(sites));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [k, { vector, unit }] of sites.entries()) {
    const factor = ((weights[k] as number) / total) * unit;
    for (let j = 0; j < mean.length; j++) mean[j] = (mean[j] as number) + factor * (vector[j] as number);
  }
  return mean;
}

function distance(centre: Float64Array, { vector, unit }: SiteDelta): number {
  let squares = 0;
  for (let j = 0; j < centre.length; j++) {
    const gap = (centre[j] as number) - unit * (vector[j] as number);
    squares += gap * gap;
  }
  return Math.sqrt(squares);
}

function squaredGap(a: SiteDelta, b: SiteDelta): number {
  let squares = 0;
  for (let j = 0; j < a.vector.length; j++) {
    const gap = a.unit * (a.vector[j] as number) - b.unit * (b.vector[j] as number);
    squares += gap * gap;
  }
  return squares;
}

function sizeOf(sites: readonly SiteDelta[]): number {
  return sites[0]?.vector.length ?? 0;
}
