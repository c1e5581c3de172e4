import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { SecureRandom } from './random.ts';
import type { SigningKey } from './sign.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A key for what one file holds: HKDF-SHA256 (RFC 5869) of the identity key's seed.
 * @param purpose tells the file from any other, at most 1024 bytes. @returns 32 bytes, the caller's.
 */
export function sealingKey(identity: SigningKey, purpose: Uint8Array): Uint8Array {
  const seed = identity.seed();
  const key = new Uint8Array(hkdfSync('sha256', seed, 'consilium/sealed/1', purpose, KEY_BYTES));
  seed.fill(0);
  return key;
}

/**
 * AES-256-GCM (NIST SP 800-38D) under a fresh random nonce; a key of {@link sealingKey} serves a few files of one name.
 * @param parts one behind the other. Borrowed. @param key Borrowed.
 * @returns nonce ‖ tag ‖ content, in pieces.
 */
export function sealBytes(
  parts: readonly Uint8Array[],
  key: Uint8Array,
  random: SecureRandom,
): readonly Uint8Array[] {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const content = parts.map((part) => cipher.update(part));
  content.push(cipher.final());
  return [nonce, cipher.getAuthTag(), ...content];
}

/** What {@link sealBytes} sealed, Given; undefined for another key, or where a bit of it is another. */
export function openBytes(sealed: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const content = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
    decipher.final();
    return content;
  } catch {
    return undefined;
  }
}
