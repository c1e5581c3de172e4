import type { BlockId, ContentHash, SiteId } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { labelled } from '../identity/signed-bytes.ts';
import type { SecureMessage } from '../protocol/secure-session.ts';
import { decodeConfirmation } from '../wire/secure-codec.ts';
import { type AgreedSession, participantIn } from './agreed-session.ts';
import { refuse, requireOrder } from './refuse.ts';
import { isSameCohort } from './same-cohort.ts';
import { SECAGG } from './session-id.ts';
import { type KeyOf, requireSigned } from './signed-message.ts';
import { sitesOfBits } from './site-bits.ts';

/** C'_b: holders whose secrets are safely held by enough participants. */
export interface Cohort {
  /** By id. */
  readonly members: readonly SiteId[];
  /** Bound into every mask and manifest of the block. */
  readonly hash: ContentHash;
}

/**
 * R1c read: of each block those holders that at least t participants confirm; a block where fewer than its smallest
 * cohort are left is not among them and ends here.
 * @param confirmations in order of site id.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED`.
 */
export function cohortsOf(
  agreed: AgreedSession,
  confirmations: readonly SecureMessage[],
  keyOf: KeyOf,
): ReadonlyMap<BlockId, Cohort> {
  requireOrder(
    'confirmations',
    confirmations.map(({ site }) => site),
  );
  if (confirmations.length < agreed.threshold) {
    throw refuse('confirmations', `at least ${agreed.threshold}`, String(confirmations.length));
  }
  const counts = new Map<BlockId, Map<SiteId, number>>();
  for (const message of confirmations) {
    for (const [block, holders] of readConfirmation(agreed, message, keyOf)) {
      const count = counts.get(block) ?? new Map<SiteId, number>();
      counts.set(block, count);
      for (const holder of holders) count.set(holder, (count.get(holder) ?? 0) + 1);
    }
  }
  const cohorts = new Map<BlockId, Cohort>();
  for (const [block, terms] of agreed.blocks) {
    const count = counts.get(block);
    const members = terms.holders.filter((site) => (count?.get(site) ?? 0) >= agreed.threshold);
    if (members.length < terms.kMin || !isSameCohort(terms, members)) continue;
    cohorts.set(block, { members, hash: cohortHash(block, members) });
  }
  return cohorts;
}

export function cohortHash(block: BlockId, members: readonly SiteId[]): ContentHash {
  return sha256(labelled(`${SECAGG}/cohort`, [block, ...members]));
}

/** Whom a participant confirms, by block. @throws ConsiliumError `SECURE_SESSION_REFUSED`. */
export function readConfirmation(
  agreed: AgreedSession,
  message: SecureMessage,
  keyOf: KeyOf,
): ReadonlyMap<BlockId, readonly SiteId[]> {
  const { site } = participantIn(agreed, message.site);
  requireSigned(message, { type: 'confirmation', session: agreed.session }, keyOf);
  const { session, blocks } = decodeConfirmation(message.body);
  if (session !== agreed.session) throw refuse(`${site}: confirmation`, `session ${agreed.session}`, session);
  requireOrder(
    `${site}: confirmed blocks`,
    blocks.map(({ block }) => block),
  );
  const { participants } = agreed;
  return new Map(
    blocks.map(({ block, holders }) => [
      block,
      sitesOfBits(`${site}: confirmed for ${block}`, participants, holders),
    ]),
  );
}
