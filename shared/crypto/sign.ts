import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { ConsiliumError } from '../core/errors.ts';

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
const SEED_BYTES = 32;

/** An Ed25519 key (RFC 8032) that signs and does not show itself. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes; the same for the same bytes. */
  sign(bytes: Uint8Array): Uint8Array;
  /** The 32 bytes that the key is made from, for whoever seals it. The caller's, to be overwritten after use. */
  seed(): Uint8Array;
}

export function generateSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey);
}

/** @param seed 32 bytes. @throws ConsiliumError `INTERNAL` for another length. */
export function signingKeyOf(seed: Uint8Array): SigningKey {
  if (seed.length !== SEED_BYTES) {
    throw new ConsiliumError('INTERNAL', `signing key: expected ${SEED_BYTES} bytes, got ${seed.length}`);
  }
  const key = Buffer.concat([PKCS8_HEAD, seed]);
  return signingKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/**
 * Whether `signature` is the key's over `bytes`, as RFC 8032 has it: S below the group's order, so that no second form
 * of a signature passes. A key of small order, for which signatures prove nothing, never verifies.
 */
export function verifySignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (!isSigningKey(publicKey) || signature.length !== SIGNATURE_BYTES) return false;
  try {
    const key = Buffer.concat([SPKI_HEAD, publicKey]);
    return verify(null, bytes, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
  } catch {
    return false; // no point of the curve
  }
}

/** Whether the bytes can be a public key at all: 32 of them, and no point of small order in any spelling. */
export function isSigningKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES) return false;
  const unsigned = Buffer.from(publicKey);
  unsigned[31] = (unsigned[31] as number) & 0x7f;
  return !SMALL_ORDER.has(unsigned.toString('hex'));
}

/** RFC 8410: what stands before the key's bytes in DER. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * The y coordinates of the eight points of small order, little-endian, with those spellings that are not reduced
 * (p, p + 1); the sign bit is looked past. Chalkias, Garillot, Nikolaenko 2020, "Taming the many EdDSAs", Table 1.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

function signingKey(key: KeyObject): SigningKey {
  const publicKey = Uint8Array.from(
    createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length),
  );
  return {
    publicKey,
    sign: (bytes) => Uint8Array.from(sign(null, bytes, key)),
    seed: () => Uint8Array.from(key.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_HEAD.length)),
  };
}
