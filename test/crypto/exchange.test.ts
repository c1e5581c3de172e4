import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exchangeKeyOf,
  generateExchangeKey,
  isExchangeKey,
  publicKeyOfSecret,
} from '../../shared/crypto/exchange.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { hex, hexText } from '../helpers/hex.ts';
import { bytesOfNumber, numberOf, SLOW_P, slowX25519 } from '../reference/slow-x25519.ts';

/** RFC 7748, section 5.2. The second u has its top bit set. */
const VECTORS = [
  {
    secret: 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    u: 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    product: 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  },
  {
    secret: '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    u: 'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    product: '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  },
] as const;

/** RFC 7748, section 6.1. */
const ALICE = {
  secret: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
  public: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
} as const;
const BOB = {
  secret: '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
  public: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
} as const;
const SHARED = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';

const BASE_POINT = bytesOfNumber(9n);
const TOP_BIT = 2n ** 255n;

/** The u of order 8 on the curve: doubled, either is 1, which has order 4. */
const ORDER_8 = [
  numberOf(hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')),
  numberOf(hex('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157')),
];
const LOW_ORDER = [0n, 1n, ...ORDER_8, SLOW_P - 1n, SLOW_P, SLOW_P + 1n];
const LOW_ORDER_KEYS = LOW_ORDER.flatMap((u) => [u, u + TOP_BIT]).map((u) => [hexText(bytesOfNumber(u))]);

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('exchangeKeyOf', () => {
  it.each(VECTORS)('agrees with the published product (%#)', ({ secret, u, product }) => {
    expect(hexText(exchangeKeyOf(hex(secret)).shared(hex(u)))).toBe(product);
  });

  // RFC 7748 §5.2: k and u both start as the base point; each step's result is the next k, and the old k the next u.
  it('agrees with the published result of a thousand steps', () => {
    let [k, u] = [BASE_POINT, BASE_POINT];
    for (let i = 0; i < 1000; i++) [k, u] = [exchangeKeyOf(k).shared(u), k];
    expect(hexText(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
  });

  it('gives two sites the published secret and public keys', () => {
    const [alice, bob] = [exchangeKeyOf(hex(ALICE.secret)), exchangeKeyOf(hex(BOB.secret))];
    expect([hexText(alice.publicKey), hexText(bob.publicKey)]).toEqual([ALICE.public, BOB.public]);
    expect(hexText(alice.shared(bob.publicKey))).toBe(SHARED);
    expect(hexText(bob.shared(alice.publicKey))).toBe(SHARED);
  });

  it('agrees with the slow ladder for any secret and any key, reduced or not', () => {
    const unreduced = fc.bigInt(SLOW_P + 2n, 2n ** 255n - 1n).map(bytesOfNumber);
    fc.assert(
      fc.property(bytes32, fc.oneof(bytes32, unreduced), (secret, u) => {
        expect(exchangeKeyOf(secret).shared(u)).toEqual(slowX25519(secret, u));
      }),
      { numRuns: 30 },
    );
  });

  it('gives its secret as it was, and each time a copy', () => {
    const key = exchangeKeyOf(hex(ALICE.secret));
    key.secret().fill(0);
    expect(hexText(key.secret())).toBe(ALICE.secret);
  });

  it('does not notice what becomes of the bytes that it was made from', () => {
    const secret = hex(ALICE.secret);
    const key = exchangeKeyOf(secret);
    secret.fill(0);
    expect(hexText(key.shared(hex(BOB.public)))).toBe(SHARED);
  });

  it.each([0, 31, 33])('refuses a secret of %i bytes', (length) => {
    expect(() => exchangeKeyOf(new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining('expected 32 bytes') }),
    );
  });

  it.each(LOW_ORDER_KEYS)('refuses to share a secret with %s', (key) => {
    const exchange = exchangeKeyOf(hex(ALICE.secret));
    expect(() => exchange.shared(hex(key))).toThrow(expect.objectContaining({ code: 'LOW_ORDER_KEY' }));
  });

  it('refuses to share a secret with a key of another length', () => {
    const exchange = exchangeKeyOf(hex(ALICE.secret));
    expect(() => exchange.shared(new Uint8Array(31).fill(9))).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

describe('generateExchangeKey', () => {
  it('draws the whole secret, anew each time', () => {
    const secrets = Array.from({ length: 20 }, () => hexText(generateExchangeKey(secureRandom).secret()));
    expect(new Set(secrets).size).toBe(20);
    expect(secrets.every((secret) => secret.length === 64)).toBe(true);
  });

  it('makes the key of the secret that was drawn', () => {
    const key = generateExchangeKey({ kind: 'secure', bytes: () => hex(BOB.secret) });
    expect(hexText(key.publicKey)).toBe(BOB.public);
  });
});

describe('publicKeyOfSecret', () => {
  it('is the secret times the base point', () => {
    expect(hexText(publicKeyOfSecret(hex(ALICE.secret)))).toBe(ALICE.public);
    const secret = secureRandom.bytes(32);
    expect(publicKeyOfSecret(secret)).toEqual(slowX25519(secret, BASE_POINT));
  });

  it('refuses a secret of another length', () => {
    expect(() => publicKeyOfSecret(new Uint8Array(33))).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

describe('isExchangeKey', () => {
  // S17. That these are the ones: the slow ladder makes zero of them, whatever the secret.
  it.each(LOW_ORDER_KEYS)('refuses %s, with which every secret gives zero', (key) => {
    for (const secret of [hex(ALICE.secret), secureRandom.bytes(32)]) {
      expect(slowX25519(secret, hex(key))).toEqual(new Uint8Array(32));
    }
    expect(isExchangeKey(hex(key))).toBe(false);
  });

  it.each([2n, 9n, SLOW_P - 2n, SLOW_P + 2n, TOP_BIT - 1n])('takes the neighbor %s of a refused one', (u) => {
    expect(isExchangeKey(bytesOfNumber(u))).toBe(true);
    expect(isExchangeKey(bytesOfNumber(u + TOP_BIT))).toBe(true);
  });

  it('takes a key as it is drawn', () => {
    expect(isExchangeKey(generateExchangeKey(secureRandom).publicKey)).toBe(true);
  });

  it.each([0, 31, 33])('refuses %i bytes', (length) => {
    expect(isExchangeKey(new Uint8Array(length).fill(9))).toBe(false);
  });
});
