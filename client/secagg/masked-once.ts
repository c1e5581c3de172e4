import type { BlockId, ContentHash } from '../../shared/core/ids.ts';

/**
 * By block, the transcript of the session that the site's vector was masked for, in any attempt at the same study, round
 * and purpose. It must be on disk before the vector's first byte leaves, and stay there for ever.
 */
export type MaskedFor = ReadonlyMap<BlockId, ContentHash>;

/**
 * The held blocks that a site may still advertise. A vector enters one session only: were it masked anew for another
 * attempt, a coordinator could have t sites agree on a sum with it, and have those that did not sign, fewer than t but
 * enough for a session of their own, agree on a sum of all but one of the same vectors.
 */
export function notMaskedBefore<Held>(
  held: ReadonlyMap<BlockId, Held>,
  maskedFor: MaskedFor,
): ReadonlyMap<BlockId, Held> {
  return new Map([...held].filter(([block]) => !maskedFor.has(block)));
}
