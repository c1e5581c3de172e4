import type { ContentHash, SiteId } from '../core/ids.ts';
import { maskSeed } from '../crypto/masks.ts';
import { labelled } from '../identity/signed-bytes.ts';
import type { AgreedBlock, AgreedSession } from './agreed-session.ts';
import { SECAGG } from './session-id.ts';

/** What a block's masks are bound to besides their secret: another model or another cohort gives other masks. */
export interface SeedTerms {
  readonly agreed: AgreedSession;
  readonly block: AgreedBlock;
  /** Hash of the block's confirmed cohort. */
  readonly cohort: ContentHash;
}

/** @param shared X25519 of the two sites' mask keys. Borrowed. @returns 32 bytes, the same for both. */
export function pairSeed(terms: SeedTerms, u: SiteId, v: SiteId, shared: Uint8Array): Uint8Array {
  const [low, high] = u < v ? [u, v] : [v, u];
  return seedFor(terms, 'pair', [low, high], shared);
}

/** @param seed b_u. Borrowed. @returns 32 bytes. */
export function selfSeed(terms: SeedTerms, site: SiteId, seed: Uint8Array): Uint8Array {
  return seedFor(terms, 'self', [site, site], seed);
}

/** +1 or -1: how the site's own vector carries the mask that it shares with `peer`; the peer's carries the other. */
export function signOf(site: SiteId, peer: SiteId): 1 | -1 {
  return peer > site ? 1 : -1;
}

function seedFor(
  { agreed, block, cohort }: SeedTerms,
  kind: 'pair' | 'self',
  sites: readonly [SiteId, SiteId],
  ikm: Uint8Array,
): Uint8Array {
  return maskSeed({
    ikm,
    salt: Buffer.from(agreed.transcript, 'hex'),
    info: labelled(`${SECAGG}/${kind}`, [block.block, block.base, cohort, ...sites]),
  });
}
