import type { SiteId } from '../core/ids.ts';

/** How a block's survivors differ from those of the round before. */
export interface Churn {
  /** By id. */
  readonly joined: readonly SiteId[];
  /** By id. */
  readonly left: readonly SiteId[];
  /**
   * The site that alone makes the difference: the two sums differ by its vector, as far as the others' vectors are alike
   * from round to round (So et al., arXiv 2106.03328). Undefined where more sites differ, or none.
   */
  readonly singleton: SiteId | undefined;
}

/**
 * @param before, now the survivors of one block in two rounds that were summed, one after the other, each site once. A
 * site that leaves while another joins is no singleton: the difference holds both.
 */
export function churnOf(before: readonly SiteId[], now: readonly SiteId[]): Churn {
  const joined = without(now, before);
  const left = without(before, now);
  const [site, ...others] = [...joined, ...left];
  return { joined, left, singleton: others.length === 0 ? site : undefined };
}

/** How many of the steps from one round's survivors to the next's differ by one site; for `maxSingletonChurn`. */
export function singletonSteps(rounds: readonly (readonly SiteId[])[]): number {
  return rounds
    .slice(1)
    .filter((now, i) => churnOf(rounds[i] as readonly SiteId[], now).singleton !== undefined).length;
}

function without(sites: readonly SiteId[], others: readonly SiteId[]): readonly SiteId[] {
  const known = new Set(others);
  return sites.filter((site) => !known.has(site)).sort();
}
