import type { BlockId, ContentHash, SiteId } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { labelled } from '../identity/signed-bytes.ts';
import type { Agreement, MaskedManifest, SecureMessage, SurvivingBlock } from '../protocol/secure-session.ts';
import { decodeMaskedManifest, encodeAgreement } from '../wire/secure-codec.ts';
import { type AgreedSession, participantIn } from './agreed-session.ts';
import type { Cohort } from './cohorts.ts';
import { refuse, requireOrder } from './refuse.ts';
import { isSameCohort } from './same-cohort.ts';
import { SECAGG } from './session-id.ts';
import { holdsMessage, type KeyOf, requireSigned } from './signed-message.ts';
import { siteBits } from './site-bits.ts';

/**
 * R2.5: the one list of survivors that follows from the manifests; a block with fewer than its smallest cohort, or
 * with others than in the iteration before, is not in it and is never unmasked.
 * @param manifests in order of site id.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED`.
 */
export function survivorsOf(
  agreed: AgreedSession,
  cohorts: ReadonlyMap<BlockId, Cohort>,
  manifests: readonly SecureMessage[],
  keyOf: KeyOf,
): Agreement {
  requireOrder(
    'manifests',
    manifests.map(({ site }) => site),
  );
  const survivors = new Map<BlockId, SiteId[]>([...cohorts.keys()].map((block) => [block, []]));
  for (const message of manifests) {
    for (const { block } of readManifest(agreed, cohorts, message, keyOf).blocks) {
      survivors.get(block)?.push(message.site);
    }
  }
  const blocks: SurvivingBlock[] = [];
  for (const [block, sites] of survivors) {
    const terms = agreed.blocks.get(block);
    if (terms === undefined || sites.length < terms.kMin || !isSameCohort(terms, sites)) continue;
    blocks.push({ block, survivors: sites });
  }
  return { session: agreed.session, transcript: agreed.transcript, blocks };
}

/** What a site sent, checked against what the reader computed itself. @throws ConsiliumError `SECURE_SESSION_REFUSED`. */
export function readManifest(
  agreed: AgreedSession,
  cohorts: ReadonlyMap<BlockId, Cohort>,
  message: SecureMessage,
  keyOf: KeyOf,
): MaskedManifest {
  const { site } = message;
  requireSigned(message, { type: 'masked', session: agreed.session }, keyOf);
  const manifest = decodeMaskedManifest(message.body);
  if (manifest.session !== agreed.session) {
    throw refuse(`${site}: manifest`, `session ${agreed.session}`, manifest.session);
  }
  requireOrder(
    `${site}: masked blocks`,
    manifest.blocks.map(({ block }) => block),
  );
  for (const { block, cohort, length } of manifest.blocks) {
    const own = cohorts.get(block);
    const terms = agreed.blocks.get(block);
    if (own === undefined || terms === undefined || !own.members.includes(site)) {
      throw refuse(`${site}: ${block}`, 'a block whose cohort the site is in', 'another');
    }
    if (cohort !== own.hash) throw refuse(`${site}: ${block}: cohort`, own.hash, cohort);
    if (length !== terms.length)
      throw refuse(`${site}: ${block}: length`, String(terms.length), String(length));
  }
  return manifest;
}

/** The bytes that every participant signs. */
export function agreementBody(
  { participants }: Pick<AgreedSession, 'participants'>,
  { session, transcript, blocks }: Agreement,
): Uint8Array {
  const bits = blocks.map(({ block, survivors }) => ({
    block,
    survivors: siteBits(participants, survivors),
  }));
  return encodeAgreement({ session, transcript, blocks: bits });
}

/** A block's survivors in that very session: what a site that signed them remembers. */
export function survivorsHash(
  { transcript }: Pick<Agreement, 'transcript'>,
  { block, survivors }: SurvivingBlock,
): ContentHash {
  return sha256(labelled(`${SECAGG}/survivors`, [transcript, block, ...survivors]));
}

/**
 * Whether enough participants signed that very list.
 * @param agreements in order of site id. @throws ConsiliumError `SECURE_SESSION_REFUSED`.
 */
export function requireAgreement(
  agreed: AgreedSession,
  agreement: Agreement,
  agreements: readonly SecureMessage[],
  keyOf: KeyOf,
): void {
  requireOrder(
    'agreements',
    agreements.map(({ site }) => site),
  );
  const body = Buffer.from(agreementBody(agreed, agreement));
  const alike = agreements.filter((message) => {
    participantIn(agreed, message.site);
    return (
      body.equals(message.body) &&
      holdsMessage(message, { type: 'agreement', session: agreed.session }, keyOf)
    );
  });
  if (alike.length < agreed.threshold) {
    throw refuse('agreements', `${agreed.threshold} on one list`, String(alike.length));
  }
}
