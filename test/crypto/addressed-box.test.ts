import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { BOX_OVERHEAD_BYTES, openFrom, sealFor } from '../../shared/crypto/addressed-box.ts';
import { exchangeKeyOf, generateExchangeKey } from '../../shared/crypto/exchange.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { hex, hexText } from '../helpers/hex.ts';

/** NaCl 20110221, tests/box.c and tests/box.out. */
const VECTOR = {
  alice: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
  bob: '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
  nonce: '69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37',
  message:
    'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
  box: 'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
} as const;

const [ALICE, BOB] = [exchangeKeyOf(hex(VECTOR.alice)), exchangeKeyOf(hex(VECTOR.bob))];
const CAROL = generateExchangeKey(secureRandom);
const MESSAGE = hex('0102030405');
const ZERO_KEY = new Uint8Array(32);

describe('sealFor', () => {
  it('agrees with the published box, behind its nonce', () => {
    const random = { kind: 'secure', bytes: () => hex(VECTOR.nonce) } as const;
    expect(hexText(sealFor(hex(VECTOR.message), BOB.publicKey, ALICE, random))).toBe(
      VECTOR.nonce + VECTOR.box,
    );
  });

  it('never uses a nonce twice, not for the same message to the same site either', () => {
    const nonces = Array.from({ length: 200 }, () =>
      hexText(sealFor(MESSAGE, BOB.publicKey, ALICE, secureRandom).subarray(0, 24)),
    );
    expect(new Set(nonces).size).toBe(200);
  });

  it('refuses a recipient whose boxes anyone could open', () => {
    expect(() => sealFor(MESSAGE, ZERO_KEY, ALICE, secureRandom)).toThrow(
      expect.objectContaining({ code: 'LOW_ORDER_KEY' }),
    );
  });

  it('refuses a recipient key of another length', () => {
    expect(() => sealFor(MESSAGE, BOB.publicKey.subarray(1), ALICE, secureRandom)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

describe('openFrom', () => {
  it('opens the published box', () => {
    const opened = openFrom(hex(VECTOR.nonce + VECTOR.box), ALICE.publicKey, BOB);
    expect(opened && hexText(opened)).toBe(VECTOR.message);
  });

  it('opens what was sealed, of any length, none included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        const sealed = sealFor(message, BOB.publicKey, ALICE, secureRandom);
        expect(sealed.length).toBe(message.length + BOX_OVERHEAD_BYTES);
        expect(openFrom(sealed, ALICE.publicKey, BOB)).toEqual(message);
      }),
      { numRuns: 30 },
    );
  });

  // S19.
  it('does not open a box for another recipient', () => {
    const sealed = sealFor(MESSAGE, BOB.publicKey, ALICE, secureRandom);
    expect(openFrom(sealed, ALICE.publicKey, CAROL)).toBeUndefined();
  });

  it('does not open a box as if it were from another sender', () => {
    const sealed = sealFor(MESSAGE, BOB.publicKey, ALICE, secureRandom);
    expect(openFrom(sealed, CAROL.publicKey, BOB)).toBeUndefined();
  });

  it('does not open a box with any one byte changed, of nonce, authenticator or message', () => {
    const sealed = sealFor(MESSAGE, BOB.publicKey, ALICE, secureRandom);
    for (const at of sealed.keys()) {
      const damaged = sealed.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(openFrom(damaged, ALICE.publicKey, BOB)).toBeUndefined();
    }
  });

  it('does not open a box that was cut at any place', () => {
    const sealed = sealFor(MESSAGE, BOB.publicKey, ALICE, secureRandom);
    for (const length of sealed.keys()) {
      expect(openFrom(sealed.subarray(0, length), ALICE.publicKey, BOB)).toBeUndefined();
    }
  });

  // With the zero key as sender the box's key is known to everyone: this box is one that anybody can make.
  it('does not open a box from a key of low order or of another length', () => {
    const sealed = sealFor(MESSAGE, BOB.publicKey, ALICE, secureRandom);
    expect(openFrom(sealed, ALICE.publicKey.subarray(1), BOB)).toBeUndefined();
    const forged = nacl.box.after(MESSAGE, hex(VECTOR.nonce), nacl.box.before(ZERO_KEY, CAROL.secret()));
    expect(openFrom(Uint8Array.of(...hex(VECTOR.nonce), ...forged), ZERO_KEY, BOB)).toBeUndefined();
  });
});
