import type { BlockId, ContentHash, SiteId } from '../core/ids.ts';
import { isExchangeKey } from '../crypto/exchange.ts';
import type {
  AdvertisedBlock,
  Advertisement,
  SecureBlock,
  SecureContext,
  SecureMessage,
} from '../protocol/secure-session.ts';
import { decodeAdvertisement } from '../wire/secure-codec.ts';
import { refuse, requireOrder } from './refuse.ts';
import { sessionId, transcriptHash } from './session-id.ts';
import { type KeyOf, requireSigned } from './signed-message.ts';
import { MAX_PARTICIPANTS, MIN_COHORT, thresholdOf } from './threshold.ts';

/** What all participants know once R0 is over. Sites and coordinator compute it alike from the same bytes. */
export interface AgreedSession {
  readonly context: SecureContext;
  readonly session: ContentHash;
  /** TH. */
  readonly transcript: ContentHash;
  /** By id; helpers are among them. */
  readonly participants: readonly Participant[];
  /** t. */
  readonly threshold: number;
  /** Blocks with enough holders to go on, in the context's order. */
  readonly blocks: ReadonlyMap<BlockId, AgreedBlock>;
}

export interface Participant {
  readonly site: SiteId;
  readonly boxKey: Uint8Array;
  readonly blocks: ReadonlyMap<BlockId, AdvertisedBlock>;
}

export interface AgreedBlock extends SecureBlock {
  /** C_b by id. */
  readonly holders: readonly SiteId[];
  /** kMin_b: the largest of the holders' own, the coordinator's and {@link MIN_COHORT}. */
  readonly kMin: number;
}

/**
 * R0 read: who takes part, with which keys, in which blocks.
 * @param advertisements all of them, in order of site id.
 * @param keyOf by the reader's own roster.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED` naming what does not hold; `WIRE_INVALID` for a body that is none.
 */
export function agreedSession(
  context: SecureContext,
  advertisements: readonly SecureMessage[],
  keyOf: KeyOf,
): AgreedSession {
  requireOrder(
    'blocks',
    context.blocks.map(({ block }) => block),
  );
  requireOrder(
    'participants',
    advertisements.map(({ site }) => site),
  );
  const n = advertisements.length;
  if (n < MIN_COHORT || n > MAX_PARTICIPANTS) {
    throw refuse('participants', `${MIN_COHORT} to ${MAX_PARTICIPANTS}`, String(n));
  }
  const session = sessionId(context);
  const participants = advertisements.map((message) =>
    readAdvertisement(message, { context, session, keyOf }),
  );
  requireFreshKeys(participants);
  return {
    context,
    session,
    transcript: transcriptHash(context, advertisements),
    participants,
    threshold: thresholdOf(n),
    blocks: agreedBlocks(context, participants),
  };
}

/** The participant of that id. @throws ConsiliumError `SECURE_SESSION_REFUSED` for a stranger. */
export function participantIn(agreed: AgreedSession, site: SiteId): Participant {
  const participant = agreed.participants.find((each) => each.site === site);
  if (participant === undefined) throw refuse('participant', 'one of the session', site);
  return participant;
}

/** One site's R0, checked but for what the others show. @throws ConsiliumError as {@link agreedSession}. */
export function readAdvertisement(
  message: SecureMessage,
  terms: { readonly context: SecureContext; readonly session: ContentHash; readonly keyOf: KeyOf },
): Participant {
  const { site, body } = message;
  requireSigned(message, { type: 'advertisement', session: terms.session }, terms.keyOf);
  const advertisement = decodeAdvertisement(body);
  if (advertisement.session !== terms.session) {
    throw refuse(`${site}: advertisement`, `session ${terms.session}`, advertisement.session);
  }
  requireUsableKeys(site, advertisement);
  requireOrder(
    `${site}: blocks`,
    advertisement.blocks.map(({ block }) => block),
  );
  const known = new Set(terms.context.blocks.map(({ block }) => block));
  for (const { block } of advertisement.blocks) {
    if (!known.has(block)) throw refuse(`${site}: blocks`, 'blocks of the session', block);
  }
  return participantOf(site, advertisement);
}

/** What was read before, read again: nothing is checked. */
export function knownParticipant({ site, body }: SecureMessage): Participant {
  return participantOf(site, decodeAdvertisement(body));
}

function participantOf(site: SiteId, { boxKey, blocks }: Advertisement): Participant {
  return { site, boxKey, blocks: new Map(blocks.map((each) => [each.block, each])) };
}

function requireUsableKeys(site: SiteId, { boxKey, blocks }: Advertisement): void {
  for (const key of [boxKey, ...blocks.map(({ maskKey }) => maskKey)]) {
    if (!isExchangeKey(key)) throw refuse(`${site}: key`, 'an X25519 key of full order', 'another');
  }
}

/**
 * A key that two sites show, or that one shows for two blocks, would give the same secret twice.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED`.
 */
export function requireFreshKeys(participants: readonly Participant[]): void {
  const seen = new Set<string>();
  for (const { site, boxKey, blocks } of participants) {
    for (const key of [boxKey, ...[...blocks.values()].map(({ maskKey }) => maskKey)]) {
      const text = Buffer.from(key).toString('hex');
      if (seen.has(text)) throw refuse(`${site}: key`, 'one that nobody else shows', 'one that was shown');
      seen.add(text);
    }
  }
}

function agreedBlocks(
  context: SecureContext,
  participants: readonly Participant[],
): ReadonlyMap<BlockId, AgreedBlock> {
  const agreed = new Map<BlockId, AgreedBlock>();
  for (const block of context.blocks) {
    const holders = participants.filter(({ blocks }) => blocks.has(block.block));
    const asked = holders.map(({ blocks }) => (blocks.get(block.block) as AdvertisedBlock).kMin);
    const kMin = Math.max(MIN_COHORT, block.kMin, ...asked);
    if (holders.length >= kMin) {
      agreed.set(block.block, { ...block, holders: holders.map(({ site }) => site), kMin });
    }
  }
  return agreed;
}
