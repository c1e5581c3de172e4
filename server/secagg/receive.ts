import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type {
  SecureMessage,
  SecureMessageType,
  SharesMessage,
} from '../../shared/protocol/secure-session.ts';
import {
  knownParticipant,
  participantIn,
  readAdvertisement,
  requireFreshKeys,
} from '../../shared/secagg/agreed-session.ts';
import { readConfirmation } from '../../shared/secagg/cohorts.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import { COMMITMENT_BYTES } from '../../shared/secagg/share-commitments.ts';
import { holdsMessage, type KeyOf, requireSigned } from '../../shared/secagg/signed-message.ts';
import { agreementBody, readManifest } from '../../shared/secagg/survivors.ts';
import { decodeSharesMessage } from '../../shared/wire/secure-codec.ts';
import { readUnmasking } from './revealed-shares.ts';
import { awaited, type CoordinatorSession, type SessionAt } from './session.ts';

/**
 * `known`: the very message was taken before, in this stage or an earlier one; `late`: the stage does not wait for the
 * site.
 */
export type Reception =
  | { readonly kind: 'taken'; readonly next: CoordinatorSession }
  | { readonly kind: 'known' }
  | { readonly kind: 'late' };

/**
 * Takes a site's message for the stage that is open. A refused one leaves no trace.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED`, `WIRE_INVALID`, and `EQUIVOCATION` for a second content that the site
 * itself signed: what somebody else made up is not held against it.
 */
export function receive(state: CoordinatorSession, message: SecureMessage, keyOf: KeyOf): Reception {
  const { site } = message;
  for (const [type, before] of sentBefore(state, site)) {
    if (Buffer.from(before.body).equals(message.body)) return { kind: 'known' };
    if (holdsMessage(message, { type, session: state.session }, keyOf)) {
      throw new ConsiliumError(
        'EQUIVOCATION',
        `${site}: ${type}: expected the content sent before, got another`,
      );
    }
  }
  if (!awaited(state).includes(site)) return { kind: 'late' };
  return { kind: 'taken', next: taken(state, message, keyOf) };
}

/** What was taken of the site's messages so far, the latest first. */
function sentBefore(
  state: CoordinatorSession,
  site: SiteId,
): readonly (readonly [SecureMessageType, SecureMessage])[] {
  const sent: readonly (readonly [SecureMessageType, SecureMessage | undefined])[] = [
    ['unmasking', 'unmaskings' in state ? state.unmaskings.get(site) : undefined],
    ['agreement', 'agreements' in state ? state.agreements.get(site) : undefined],
    ['masked', 'manifests' in state ? state.manifests.get(site) : undefined],
    ['confirmation', 'confirmations' in state ? state.confirmations.get(site) : undefined],
    ['shares', 'shares' in state ? state.shares.get(site)?.message : undefined],
    ['advertisement', 'advertisements' in state ? state.advertisements.get(site) : undefined],
  ];
  return sent.flatMap(([type, message]) => (message === undefined ? [] : [[type, message] as const]));
}

function taken(state: CoordinatorSession, message: SecureMessage, keyOf: KeyOf): CoordinatorSession {
  const { site } = message;
  const { session } = state;
  switch (state.stage) {
    case 'advertising': {
      const own = readAdvertisement(message, { context: state.context, session, keyOf });
      requireFreshKeys([...[...state.advertisements.values()].map(knownParticipant), own]);
      return { ...state, advertisements: new Map(state.advertisements).set(site, message) };
    }
    case 'sharing': {
      requireSigned(message, { type: 'shares', session }, keyOf);
      const content = readShares(state, message, keyOf);
      return { ...state, shares: new Map(state.shares).set(site, { message, content }) };
    }
    case 'confirming':
      readConfirmation(state.agreed, message, keyOf);
      return { ...state, confirmations: new Map(state.confirmations).set(site, message) };
    case 'masking':
      readManifest(state.agreed, state.cohorts, message, keyOf);
      return { ...state, manifests: new Map(state.manifests).set(site, message) };
    case 'agreeing': {
      requireSigned(message, { type: 'agreement', session }, keyOf);
      if (!Buffer.from(agreementBody(state.agreed, state.agreement)).equals(message.body)) {
        throw refuse(`${site}: survivors`, 'the list that follows from the manifests', 'another');
      }
      return { ...state, agreements: new Map(state.agreements).set(site, message) };
    }
    case 'unmasking': {
      requireSigned(message, { type: 'unmasking', session }, keyOf);
      return {
        ...state,
        revealed: readUnmasking(state, message),
        unmaskings: new Map(state.unmaskings).set(site, message),
      };
    }
    case 'complete':
    case 'failed':
      return state;
  }
}

function readShares({ agreed }: SessionAt<'sharing'>, message: SecureMessage, keyOf: KeyOf): SharesMessage {
  const { site } = message;
  const content = decodeSharesMessage(message.body);
  if (content.session !== agreed.session) {
    throw refuse(`${site}: shares`, `session ${agreed.session}`, content.session);
  }
  const body = Buffer.from(agreed.transcript, 'hex');
  const transcript = { site, body, signature: content.transcriptSignature };
  requireSigned(transcript, { type: 'transcript', session: agreed.session }, keyOf);
  const peers = agreed.participants.map((each) => each.site).filter((each) => each !== site);
  requireNames(
    `${site}: boxes`,
    peers,
    content.boxes.map(({ peer }) => peer),
  );
  const own = participantIn(agreed, site).blocks;
  const blocks = [...agreed.blocks.keys()].filter((block) => own.has(block));
  requireNames(
    `${site}: commitments`,
    blocks,
    content.commitments.map(({ block }) => block),
  );
  const bytes = COMMITMENT_BYTES * agreed.participants.length;
  for (const { block, keyShares, seedShares } of content.commitments) {
    if (keyShares.length === bytes && seedShares.length === bytes) continue;
    const found = `${keyShares.length} and ${seedShares.length}`;
    throw refuse(`${site}: ${block}: commitments`, `${bytes} bytes`, found);
  }
  return content;
}

function requireNames(what: string, expected: readonly string[], found: readonly string[]): void {
  if (expected.join() === found.join()) return;
  throw refuse(what, `for ${expected.join(', ')}`, `for ${found.join(', ')}`);
}
