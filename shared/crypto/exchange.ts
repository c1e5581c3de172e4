import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { ConsiliumError } from '../core/errors.ts';
import type { SecureRandom } from './random.ts';

/** Length of a public key, of a secret and of what two sites share, in bytes. */
export const EXCHANGE_KEY_BYTES = 32;

/** An X25519 key pair (RFC 7748) for boxes or masks of one session. */
export interface ExchangeKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * X25519(secret, peer): { secret @ one site } and { secret @ the other } → the same 32 bytes at both. Given.
   * No key by itself: it goes through a key derivation.
   * @throws ConsiliumError `LOW_ORDER_KEY` where it would be all zero; `INTERNAL` for another length.
   */
  shared(peer: Uint8Array): Uint8Array;
  /** The 32 bytes that the key is made from. A copy, the caller's, to be overwritten after use. */
  secret(): Uint8Array;
}

export function generateExchangeKey(random: SecureRandom): ExchangeKey {
  const secret = random.bytes(EXCHANGE_KEY_BYTES);
  const key = exchangeKeyOf(secret);
  secret.fill(0);
  return key;
}

/**
 * @param secret 32 bytes, any: X25519 itself sets and clears the bits that it wants so. Borrowed.
 * @throws ConsiliumError `INTERNAL` for another length.
 */
export function exchangeKeyOf(secret: Uint8Array): ExchangeKey {
  const privateKey = privateKeyOf(secret);
  return {
    publicKey: rawPublic(privateKey),
    shared: (peer) => sharedWith(privateKey, peer),
    secret: () => Uint8Array.from(privateKey.export(PKCS8_DER).subarray(PKCS8_HEAD.length)),
  };
}

/** X25519(secret, base point), 32 bytes. @param secret Borrowed. @throws ConsiliumError `INTERNAL` for another length. */
export function publicKeyOfSecret(secret: Uint8Array): Uint8Array {
  return rawPublic(privateKeyOf(secret));
}

/**
 * Whether the bytes can be a public key: 32 of them, and no point of low order in any spelling. With such a point the
 * shared secret is all zero, whoever the other site is (RFC 7748 §6.1). With any other it never is.
 */
export function isExchangeKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== EXCHANGE_KEY_BYTES) return false;
  const masked = Buffer.from(publicKey);
  masked[31] = (masked[31] as number) & 0x7f;
  return !LOW_ORDER.has(masked.toString('hex'));
}

/** @throws ConsiliumError `LOW_ORDER_KEY`; `INTERNAL` for another length than 32 bytes. */
export function requireExchangeKey(publicKey: Uint8Array): void {
  requireLength('public key', publicKey);
  if (isExchangeKey(publicKey)) return;
  throw new ConsiliumError('LOW_ORDER_KEY', 'exchange key: expected a point of high order, got one of low', {
    hint: 'The site that sent it must draw a new key; a key that was drawn at random is never one of these.',
  });
}

/** RFC 8410: what stands before the key's bytes in DER. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b656e032100', 'hex');

const PKCS8_DER = { format: 'der', type: 'pkcs8' } as const;
const SPKI_DER = { format: 'der', type: 'spki' } as const;

/**
 * The u coordinates of the points whose order divides 8, on the curve and on its twist, little-endian: 0, 1, two of
 * order 8, p − 1, and 0 and 1 as p and p + 1. The top bit is looked past, as X25519 does (RFC 7748 §5).
 */
const LOW_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function privateKeyOf(secret: Uint8Array): KeyObject {
  requireLength('secret', secret);
  const der = Buffer.concat([PKCS8_HEAD, secret]);
  const key = createPrivateKey({ key: der, ...PKCS8_DER });
  der.fill(0);
  return key;
}

function rawPublic(key: KeyObject): Uint8Array {
  return Uint8Array.from(createPublicKey(key).export(SPKI_DER).subarray(SPKI_HEAD.length));
}

function sharedWith(privateKey: KeyObject, peer: Uint8Array): Uint8Array {
  requireExchangeKey(peer);
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_HEAD, peer]), ...SPKI_DER });
  return Uint8Array.from(diffieHellman({ privateKey, publicKey }));
}

function requireLength(what: string, bytes: Uint8Array): void {
  if (bytes.length === EXCHANGE_KEY_BYTES) return;
  const found = `expected ${EXCHANGE_KEY_BYTES} bytes, got ${bytes.length}`;
  throw new ConsiliumError('INTERNAL', `exchange key: ${what}: ${found}`);
}
