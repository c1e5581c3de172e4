import type { BlockId, ContentHash, SiteId } from '../core/ids.ts';
import { commit } from '../crypto/commitment.ts';
import { SECAGG } from './session-id.ts';

/** Which of a holder's two secrets of a block: the key of its pair masks, or the seed of its self mask. */
export type SecretKind = 'key' | 'seed';

export const COMMITMENT_BYTES = 32;

/** To the share that `to` holds of `from`'s secret. @param share 33 bytes. Borrowed. */
export function shareCommitment(
  place: {
    readonly transcript: ContentHash;
    readonly block: BlockId;
    readonly from: SiteId;
    readonly to: SiteId;
    readonly kind: SecretKind;
  },
  share: Uint8Array,
): Uint8Array {
  const { transcript, block, from, to, kind } = place;
  return commit(`${SECAGG}/share`, ...texts(transcript, block, from, to, kind), share);
}

/** To the self-seed itself. @param seed 32 bytes. Borrowed. */
export function seedCommitment(
  place: { readonly transcript: ContentHash; readonly block: BlockId; readonly from: SiteId },
  seed: Uint8Array,
): Uint8Array {
  return commit(`${SECAGG}/seed`, ...texts(place.transcript, place.block, place.from), seed);
}

function texts(...values: readonly string[]): Uint8Array[] {
  return values.map((value) => Buffer.from(value));
}
