import type { ContentHash } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { labelled } from '../identity/signed-bytes.ts';
import type { SecureContext, SecureMessage } from '../protocol/secure-session.ts';
import { encodeSecureContext } from '../wire/secure-codec.ts';

/** Stands before everything that a session hashes, signs or derives. */
export const SECAGG = 'consilium/secagg/1';

/** sid: one session for each (study, round, attempt, purpose, iteration). */
export function sessionId({ studyHash, round, attempt, purpose, iteration }: SecureContext): ContentHash {
  const later = iteration === undefined ? [] : [iteration];
  return sha256(labelled(`${SECAGG}/session`, [studyHash, round, attempt, purpose, ...later]));
}

/**
 * TH: what the participants agree on, who they are and which keys they brought. Signatures are left out: a message has
 * one content, and may have several signatures.
 * @param advertisements in order of site id.
 */
export function transcriptHash(
  context: SecureContext,
  advertisements: readonly Pick<SecureMessage, 'site' | 'body'>[],
): ContentHash {
  const list = advertisements.flatMap(({ site, body }) => [site, body]);
  return sha256(labelled(`${SECAGG}/transcript`, [encodeSecureContext(context), ...list]));
}
