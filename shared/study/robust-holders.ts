import { unreachable } from '../core/unreachable.ts';
import type { RobustSpec } from './study.ts';

/** Fewer sites than these would see each other's deltas through the sums of a geometric median. */
const MEDIAN_HOLDERS = 5;

/** Fewest holders of a block that the way of merging keeps its promise with. */
export function fewestHolders(robust: RobustSpec): number {
  switch (robust.kind) {
    case 'mean':
    case 'median':
      return 1;
    case 'trimmed-mean':
      return 2 * robust.trim + 1;
    case 'geometric-median':
      // Under masks each weighted mean is one equation in the deltas, and whoever knows one delta has one unknown less:
      // what is left unknown must be more than the equations.
      return Math.max(MEDIAN_HOLDERS, robust.iterations + 2);
    case 'multi-krum':
      return 2 * robust.byzantine + 3;
    default:
      return unreachable(robust);
  }
}

/** Whether sums over the holders are all that merging takes, so that masks may hide what each brings. */
export function isOfSums({ kind }: Pick<RobustSpec, 'kind'>): boolean {
  return kind === 'mean' || kind === 'geometric-median';
}
