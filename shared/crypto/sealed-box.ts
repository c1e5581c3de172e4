import { scrypt } from 'node:crypto';
import nacl from 'tweetnacl';
import type { SecureRandom } from './random.ts';

/** scrypt (RFC 7914) with 128 MiB of memory, then XSalsa20-Poly1305. */
export const SEALING = { N: 2 ** 17, r: 8, p: 1 } as const;

export interface SealedBox {
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  readonly box: Uint8Array;
}

/** @param secret, passphrase Borrowed. */
export async function seal(
  secret: Uint8Array,
  passphrase: Uint8Array,
  random: SecureRandom,
): Promise<SealedBox> {
  const salt = random.bytes(16);
  const nonce = random.bytes(nacl.secretbox.nonceLength);
  const key = await stretched(passphrase, salt);
  const box = nacl.secretbox(secret, nonce, key);
  key.fill(0);
  return { salt, nonce, box };
}

/** @returns the secret, Given; undefined for another passphrase or a damaged box. @param passphrase Borrowed. */
export async function unseal(sealed: SealedBox, passphrase: Uint8Array): Promise<Uint8Array | undefined> {
  const key = await stretched(passphrase, sealed.salt);
  const secret = nacl.secretbox.open(sealed.box, sealed.nonce, key);
  key.fill(0);
  return secret ?? undefined;
}

function stretched(passphrase: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  // The default ceiling, 32 MiB, is less than 128 · N · r.
  const options = { ...SEALING, maxmem: 2 * 128 * SEALING.N * SEALING.r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, nacl.secretbox.keyLength, options, (error, key) =>
      error === null ? resolve(Uint8Array.from(key)) : reject(error),
    );
  });
}
