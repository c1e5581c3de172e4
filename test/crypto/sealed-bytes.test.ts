import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secureRandom } from '../../shared/crypto/random.ts';
import { openBytes, sealBytes, sealingKey } from '../../shared/crypto/sealed-bytes.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';

const identity = generateSigningKey();
const key = sealingKey(identity, Buffer.from('a file'));
const seal = (...parts: Uint8Array[]) => Buffer.concat(sealBytes(parts, key, secureRandom));

describe('sealed bytes', () => {
  it('open to what was sealed, in however many parts, none included', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (parts) => {
        expect(openBytes(seal(...parts), key)).toEqual(Buffer.concat(parts));
      }),
    );
  });

  it('do not open with one bit turned, cut, or under the key of another file or another site', () => {
    const sealed = seal(Uint8Array.of(1, 2, 3));
    for (let at = 0; at < sealed.length; at++) {
      const turned = Buffer.from(sealed);
      turned[at] = (turned[at] as number) ^ 0x80;
      expect(openBytes(turned, key)).toBeUndefined();
      expect(openBytes(sealed.subarray(0, at), key)).toBeUndefined();
    }
    expect(openBytes(sealed, sealingKey(identity, Buffer.from('b file')))).toBeUndefined();
    expect(openBytes(sealed, sealingKey(generateSigningKey(), Buffer.from('a file')))).toBeUndefined();
  });

  it('open again after a restart: the key follows from the identity key and the name alone', () => {
    expect(sealingKey(identity, Buffer.from('a file'))).toEqual(key);
    expect(openBytes(seal(Uint8Array.of(7)), sealingKey(identity, Buffer.from('a file')))).toEqual(
      Buffer.of(7),
    );
  });
});
