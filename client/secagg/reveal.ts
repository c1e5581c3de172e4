import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { SHARE_BYTES } from '../../shared/crypto/secret-sharing.ts';
import type { UnmaskedBlock } from '../../shared/protocol/secure-session.ts';
import type { HeldShares } from './deliveries.ts';

/**
 * The shares that a signed list of survivors calls for: of a survivor's self-seed, of a vanished member's mask key.
 * Zeros where the site holds none.
 */
export function unmaskedBlock(
  {
    block,
    survivors,
    members,
  }: {
    readonly block: BlockId;
    readonly survivors: readonly SiteId[];
    /** The confirmed cohort, by id. */
    readonly members: readonly SiteId[];
  },
  held: HeldShares,
): UnmaskedBlock {
  const shares = new Uint8Array(SHARE_BYTES * members.length);
  members.forEach((member, i) => {
    const own = held.get(member)?.get(block);
    if (own === undefined) return;
    shares.set(survivors.includes(member) ? own.seedShare : own.keyShare, SHARE_BYTES * i);
  });
  return { block, shares };
}
