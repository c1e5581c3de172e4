import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import type { LastingSignature } from '../../shared/protocol/envelope.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';
import { decodeSecureMessage } from '../../shared/wire/secure-codec.ts';
import { receive } from '../secagg/receive.ts';
import { type CoordinatorSession, closeStage, openSession, withdraw } from '../secagg/session.ts';
import type { Revealed } from './contributions.ts';
import type { SecureRecord } from './secure-record.ts';
import type { TensorBlobs } from './tensor-blobs.ts';

/** What a coordinator must know of the consortium for studies with secure aggregation. */
export interface SecureTerms {
  /** Of the active sites. */
  readonly keyOf: KeyOf;
  /** Also of sites that have been revoked since: what was taken from them is read again. As `keyOf` unless given. */
  readonly storedKeyOf?: KeyOf;
  rosterVersion(): number;
  /** As the coordinator, with a lasting signature of the kind `round-record`. */
  signRecord(content: Uint8Array): LastingSignature;
  /** Whether sites lose their part of a session with this process, as in a simulation: the round is then asked for anew. */
  readonly sitesForget: boolean;
}

/** The open session, built from what is stored; in step with the study's state. */
export interface LiveSession {
  current: CoordinatorSession | undefined;
  /** What the round's session revealed, until the round is committed. */
  revealed: Revealed | undefined;
}

/** Of one study. */
export interface SecureSide {
  /** Undefined: the coordinator serves no study with secure aggregation. */
  readonly terms: SecureTerms | undefined;
  readonly live: LiveSession;
}

/** The keys by which messages that were checked once are read. */
export function storedKeys({ keyOf, storedKeyOf = keyOf }: SecureTerms): KeyOf {
  return storedKeyOf;
}

/**
 * @param keyOf also of sites that have been revoked since.
 * @throws ConsiliumError `STATE_CORRUPT` for a message that is missing or damaged.
 */
export async function rebuiltSession(
  record: SecureRecord,
  blobs: Pick<TensorBlobs, 'bytes'>,
  keyOf: KeyOf,
): Promise<CoordinatorSession> {
  let session = openSession(record.context, record.invited, record.openedMs);
  for (const entry of record.log) {
    if (entry.kind === 'closed') {
      session = closeStage(session, keyOf, entry.timeMs);
      continue;
    }
    if (entry.kind === 'withdrawn') {
      session = withdraw(session, entry.site);
      continue;
    }
    const reception = receive(session, decodeSecureMessage(await blobs.bytes(entry.blob)), keyOf);
    if (reception.kind === 'taken') session = reception.next;
  }
  return session;
}

/** Where the masked vectors of a complete session are stored, by site and block. */
export function vectorBlobs(record: SecureRecord): ReadonlyMap<string, ReadonlyMap<string, ContentHash>> {
  return new Map(
    record.log.flatMap((entry) =>
      entry.kind === 'message' && entry.stage === 'masking' ? [[entry.site, entry.vectors] as const] : [],
    ),
  );
}

/** @throws ConsiliumError `INTERNAL` where the coordinator was made without what a secure study needs. */
export function termsOf({ secure }: { readonly secure: SecureSide }): SecureTerms {
  if (secure.terms !== undefined) return secure.terms;
  throw new ConsiliumError('INTERNAL', 'secure aggregation: the coordinator was given no keys of sites');
}
