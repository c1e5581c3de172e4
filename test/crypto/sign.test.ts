import { describe, expect, it } from 'vitest';
import { isSigningKey, signingKeyOf, verifySignature } from '../../shared/crypto/sign.ts';
import { hex, hexText } from '../helpers/hex.ts';

/** RFC 8032, section 7.1, tests 1 and 2. */
const VECTORS = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
] as const;

/** Order of the group of Ed25519: L = 2^252 + 27742317777372353535851937790883648493. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

describe('signingKeyOf', () => {
  it.each(VECTORS)('agrees with the published vector (%#)', ({ seed, key, message, signature }) => {
    const signing = signingKeyOf(hex(seed));
    expect(hexText(signing.publicKey)).toBe(key);
    expect(hexText(signing.sign(hex(message)))).toBe(signature);
  });
});

describe('verifySignature', () => {
  it.each(VECTORS)('takes the published signature, and none of another message (%#)', (vector) => {
    const [key, signature] = [hex(vector.key), hex(vector.signature)];
    expect(verifySignature(key, hex(vector.message), signature)).toBe(true);
    expect(verifySignature(key, hex(`${vector.message}00`), signature)).toBe(false);
  });

  // S and S + L are the same number modulo L: whoever does not ask for S < L takes both.
  it('refuses the second form of a signature', () => {
    const { key, message, signature } = VECTORS[0];
    const second = hex(signature);
    const s = BigInt(`0x${hexText(second.slice(32).reverse())}`) + ORDER;
    second.set(hex(s.toString(16).padStart(64, '0')).reverse(), 32);
    expect(verifySignature(hex(key), hex(message), second)).toBe(false);
  });

  // With A of order 1 (y = 1), R = B·S holds for S = 0 and R = the neutral point, whatever the message.
  it('refuses the signature that holds for every message under a key of small order', () => {
    const neutral = hex(`01${'00'.repeat(31)}`);
    const forged = Uint8Array.of(...neutral, ...new Uint8Array(32));
    expect(verifySignature(neutral, hex('00'), forged)).toBe(false);
    expect(isSigningKey(neutral)).toBe(false);
  });

  it('refuses keys and signatures of another length', () => {
    const { key, message, signature } = VECTORS[0];
    expect(verifySignature(hex(key).slice(1), hex(message), hex(signature))).toBe(false);
    expect(verifySignature(hex(key), hex(message), hex(`${signature}00`))).toBe(false);
    expect(verifySignature(hex(key), hex(message), new Uint8Array())).toBe(false);
  });
});
