import type { ContentHash, SiteId } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { type SigningKey, verifySignature } from '../crypto/sign.ts';
import { labelled } from '../identity/signed-bytes.ts';
import type { SecureMessage, SecureMessageType } from '../protocol/secure-session.ts';
import { refuse } from './refuse.ts';
import { SECAGG } from './session-id.ts';

/** Who a party believes the sites are: its own copy of the consortium's roster. */
export type KeyOf = (site: SiteId) => Uint8Array | undefined;

/** What is signed: a message of one type, or of one session, never passes for another. */
export interface MessagePlace {
  readonly type: SecureMessageType;
  readonly session: ContentHash;
}

/** @param body Given. */
export function signMessage(
  own: { readonly site: SiteId; readonly key: SigningKey },
  place: MessagePlace,
  body: Uint8Array,
): SecureMessage {
  return { site: own.site, body, signature: own.key.sign(signedBytes(place, body)) };
}

/** Whether the site that the message names signed it, by the roster of whoever asks. */
export function holdsMessage(
  { site, body, signature }: SecureMessage,
  place: MessagePlace,
  keyOf: KeyOf,
): boolean {
  const key = keyOf(site);
  return key !== undefined && verifySignature(key, signedBytes(place, body), signature);
}

/** @throws ConsiliumError `SECURE_SESSION_REFUSED` unless {@link holdsMessage}. */
export function requireSigned(message: SecureMessage, place: MessagePlace, keyOf: KeyOf): void {
  if (holdsMessage(message, place, keyOf)) return;
  throw refuse(`${message.site}: ${place.type}`, 'a signature by the key in the roster', 'another');
}

function signedBytes({ type, session }: MessagePlace, body: Uint8Array): Uint8Array {
  return labelled(`${SECAGG}/${type}`, [session, sha256(body)]);
}
