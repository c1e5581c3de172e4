import type { SiteId } from '../core/ids.ts';
import type { SecureBlock } from '../protocol/secure-session.ts';

/**
 * Whether a block may be summed over these sites. What was summed before is summed again over the same sites or not at
 * all: where weights did not move, the two sums would differ by the vectors of those who fell away.
 * @param sites by id.
 */
export function isSameCohort({ earlier }: Pick<SecureBlock, 'earlier'>, sites: readonly SiteId[]): boolean {
  return earlier === undefined || earlier.survivors.join() === sites.join();
}
