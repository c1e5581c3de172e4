import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../shared/core/bytes.ts';
import { sha256 } from '../../shared/crypto/hash.ts';

/** NIST, "SHA-256 examples" for FIPS 180-4, and FIPS 180-2 appendix B.1-B.3. */
const VECTORS = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
] as const;

describe('sha256', () => {
  it.each(VECTORS)('agrees with the published vector (%#)', (text, digest) => {
    expect(sha256(text)).toBe(digest);
    expect(sha256(new TextEncoder().encode(text))).toBe(digest);
  });

  it('reads its parts in order, without separators', () => {
    expect(sha256('a', new TextEncoder().encode('b'), '', 'c')).toBe(sha256('abc'));
    expect(sha256('cb', 'a')).not.toBe(sha256('abc'));
  });

  // The view starts in the middle of its buffer: hashing the buffer instead of the view would show.
  it('hashes a view, not the buffer behind it', () => {
    const whole = Float32Array.of(1, 2, 3, 4);
    expect(sha256(bytesOf(whole.subarray(1, 3)))).toBe(sha256(bytesOf(Float32Array.of(2, 3))));
  });
});
