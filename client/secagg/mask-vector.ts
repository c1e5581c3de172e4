import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { addMasks } from '../../shared/crypto/masks.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import { pairSeed, selfSeed, signOf } from '../../shared/secagg/seeds.ts';
import { type Masking, peerKeys } from './site-session.ts';

/**
 * R2: y = vector + PRG(self) + Σ_{v > u} PRG(pair) - Σ_{v < u} PRG(pair) modulo 2^32, over all coordinates, the header
 * included; `vector` is changed in place.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED` for a length other than the plan's; `LOW_ORDER_KEY`.
 */
export async function maskVector(
  state: Masking,
  site: SiteId,
  block: BlockId,
  vector: Int32Array,
): Promise<void> {
  const agreed = state.agreed.blocks.get(block);
  const cohort = state.cohorts.get(block);
  const secrets = state.secrets.blocks.get(block);
  if (agreed === undefined || cohort === undefined || secrets === undefined) {
    throw refuse(`${block}: mask`, 'a block of the session that the site holds', 'another');
  }
  if (vector.length !== agreed.length) {
    throw refuse(`${block}: vector`, `${agreed.length} values`, String(vector.length));
  }
  const terms = { agreed: state.agreed, block: agreed, cohort: cohort.hash };
  const masks: { seed: Uint8Array; sign: 1 | -1 }[] = [
    { seed: selfSeed(terms, site, secrets.seed), sign: 1 },
  ];
  for (const [peer, key] of peerKeys(state, block, site)) {
    const shared = secrets.mask.shared(key);
    masks.push({ seed: pairSeed(terms, site, peer, shared), sign: signOf(site, peer) });
    shared.fill(0);
  }
  await addMasks(vector, masks);
  for (const { seed } of masks) seed.fill(0);
}
