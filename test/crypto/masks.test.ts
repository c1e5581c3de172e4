import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addMask, addMasks, type Mask, maskSeed, wordsOf } from '../../shared/crypto/masks.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { hex, hexText } from '../helpers/hex.ts';
import { slowAddMask, slowKeyStream } from '../reference/slow-masks.ts';

/** RFC 5869, appendix A.1-A.3; of the output the first 32 bytes, which do not depend on how many are asked for. */
const HKDF_VECTORS = [
  {
    ikm: '0b'.repeat(22),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    output: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
  },
  {
    ikm: range(0x00, 80),
    salt: range(0x60, 80),
    info: range(0xb0, 80),
    output: 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c',
  },
  {
    ikm: '0b'.repeat(22),
    salt: '',
    info: '',
    output: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
  },
] as const;

/** NIST SP 800-38A, appendix F.5.5: CTR-AES256.Encrypt. */
const CTR_VECTOR = {
  key: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
  counter: 0xf0f1f2f3f4f5f6f7f8f9fafbfcfdfeffn,
  plain:
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  cipher:
    '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
} as const;

const SEED = hex(CTR_VECTOR.key);
const PIECE = 2 ** 12;
const SLICE = 2 ** 16;
const TURN = 2 ** 18;

afterEach(() => {
  vi.doUnmock('node:os');
  vi.resetModules();
});

describe('maskSeed', () => {
  it.each(HKDF_VECTORS)('agrees with the published vector (%#)', ({ ikm, salt, info, output }) => {
    expect(hexText(maskSeed({ ikm: hex(ikm), salt: hex(salt), info: hex(info) }))).toBe(output);
  });

  it('takes 1024 bytes of info and refuses one more', () => {
    const terms = { ikm: SEED, salt: SEED };
    expect(maskSeed({ ...terms, info: new Uint8Array(1024) }).length).toBe(32);
    expect(() => maskSeed({ ...terms, info: new Uint8Array(1025) })).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

describe('the slow twin', () => {
  it('agrees with the published vector', () => {
    const stream = slowKeyStream(SEED, CTR_VECTOR.counter, 64);
    expect(hexText(hex(CTR_VECTOR.plain).map((byte, i) => byte ^ (stream[i] as number)))).toBe(
      CTR_VECTOR.cipher,
    );
  });
});

describe('addMask', () => {
  // AES-256 of a zero block under a zero key is dc95c078 a2408989 ad48a214 92842087 (NIST AESAVS, KeySbox), read from the
  // low byte up.
  it('adds the first block of the stream as little-endian words', () => {
    const vector = new Int32Array(4);
    addMask(vector, new Uint8Array(32), 1);
    expect([...vector].map((word) => (word >>> 0).toString(16))).toEqual([
      '78c095dc',
      '898940a2',
      '14a248ad',
      '87208492',
    ]);
  });

  it.each([0, 1, 2, 3, 4, 5, 7, 8, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 6])(
    'agrees with the slow twin on %i values, added and taken away',
    (length) => {
      for (const sign of [1, -1] as const) {
        const vector = anyVector(length);
        const expected = slowAddMask([...vector], SEED, sign);
        addMask(vector, SEED, sign);
        expect([...vector]).toEqual(expected);
      }
    },
  );

  it('agrees with the slow twin at the ends of the ring', () => {
    const ends = fc.constantFrom(-(2 ** 31), -1, 0, 1, 2 ** 31 - 1);
    const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.array(ends, { maxLength: 40 }), seed, fc.constantFrom(1, -1), (values, key, sign) => {
        const vector = Int32Array.from(values);
        addMask(vector, key, sign);
        expect([...vector]).toEqual(slowAddMask(values, key, sign));
      }),
    );
  });

  it('takes away exactly what it added', () => {
    const vector = anyVector(PIECE + 3);
    const before = Int32Array.from(vector);
    addMask(vector, SEED, 1);
    expect(vector).not.toEqual(before);
    addMask(vector, SEED, -1);
    expect(vector).toEqual(before);
  });

  it('changes a part of a vector and nothing beside it', () => {
    const whole = new Int32Array(12);
    addMask(whole.subarray(3, 10), SEED, 1);
    const alone = new Int32Array(7);
    addMask(alone, SEED, 1);
    expect([...whole]).toEqual([0, 0, 0, ...alone, 0, 0]);
  });

  it.each([0, 31, 33])('refuses a seed of %i bytes', (length) => {
    const vector = new Int32Array(4);
    expect(() => addMask(vector, new Uint8Array(length), 1)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    expect([...vector]).toEqual([0, 0, 0, 0]);
  });
});

describe('addMasks', () => {
  it.each([0, 1, 6, PIECE + 1, SLICE - 1, SLICE, SLICE + 1, TURN - 1, TURN, 2 * TURN + 5])(
    'is the same as one mask after another, in whatever order, on %i values',
    async (length) => {
      const masks = signs(1, -1, -1, 1);
      const vector = anyVector(length);
      const [expected, reversed] = [Int32Array.from(vector), Int32Array.from(vector)];
      for (const { seed, sign } of masks) addMask(expected, seed, sign);
      await addMasks(vector, masks);
      await addMasks(reversed, masks.toReversed());
      expect(same(vector, expected)).toBe(true);
      expect(same(reversed, expected)).toBe(true);
    },
  );

  it('leaves a vector without masks as it is', async () => {
    const vector = Int32Array.of(1, 2, 3);
    await addMasks(vector, []);
    expect([...vector]).toEqual([1, 2, 3]);
  });

  it('cancels when two sites carry the same mask with opposite signs', async () => {
    const [low, high] = [Int32Array.of(5, -7, 2 ** 31 - 1), Int32Array.of(1, 2, 3)];
    await addMasks(low, [{ seed: SEED, sign: 1 }]);
    await addMasks(high, [{ seed: SEED, sign: -1 }]);
    // 2^31 − 1 + 3 is −2^31 + 2 modulo 2^32.
    expect([...low.map((value, i) => value + (high[i] as number))]).toEqual([6, -5, -(2 ** 31) + 2]);
  });

  // Three slices (2^18, 2^18 and 1 values) by three masks; a turn ends once it has done 2^18 values: before each of the
  // five full slices after the first, and before the first of the three short ones, which then fit into one turn.
  it('yields after every 2^18 values, whichever mask they belong to', async () => {
    let yields = 0;
    const countTurn = async () => void yields++;
    await addMasks(new Int32Array(2 * TURN + 1), signs(1, 1, 1), { yield: countTurn });
    expect(yields).toBe(6);
  });

  it('does not yield for what is short, however many masks', async () => {
    let yields = 0;
    const countTurn = async () => void yields++;
    await addMasks(new Int32Array(100), signs(...new Array<1>(64).fill(1)), { yield: countTurn });
    expect(yields).toBe(0);
  });

  it('lets the event loop have its turn', async () => {
    let turns = 0;
    let isOver = false;
    const others = (async () => {
      for (; !isOver; turns++) await turn();
    })();
    await addMasks(new Int32Array(4 * TURN), signs(1, -1));
    isOver = true;
    await others;
    expect(turns).toBeGreaterThanOrEqual(7); // eight slices
  });

  it('adds nothing where one of the seeds is none', async () => {
    const vector = new Int32Array(4);
    const masks: Mask[] = [...signs(1), { seed: new Uint8Array(16), sign: 1 }];
    await expect(addMasks(vector, masks)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect([...vector]).toEqual([0, 0, 0, 0]);
  });
});

describe('wordsOf', () => {
  it('reads from the low byte up, as a view where it can', () => {
    const bytes = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0x80);
    const words = wordsOf(bytes);
    bytes[1] = 1;
    expect([...words]).toEqual([0x101, -(2 ** 31)]);
  });

  // A Buffer, as the cipher returns: its slice() is a view as well, and would be as crooked.
  it.each([1, 2, 3])('reads bytes that lie %i off a word', (offset) => {
    const buffer = Buffer.from(new Uint8Array(16).buffer, offset, 8);
    buffer.writeInt32LE(-5, 0);
    buffer.writeInt32LE(2 ** 30, 4);
    expect([...wordsOf(buffer)]).toEqual([-5, 2 ** 30]);
  });
});

describe('the module', () => {
  it('does not load on a big-endian machine', async () => {
    vi.resetModules();
    vi.doMock('node:os', () => ({ endianness: () => 'BE' }));
    await expect(import('../../shared/crypto/masks.ts')).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

function range(first: number, length: number): string {
  return hexText(Uint8Array.from({ length }, (_, i) => first + i));
}

function anyVector(length: number): Int32Array {
  return wordsOf(secureRandom.bytes(4 * length)).slice();
}

/** A mask for each sign, from seeds of their own. */
function signs(...each: readonly (1 | -1)[]): Mask[] {
  return each.map((sign) => ({ seed: secureRandom.bytes(32), sign }));
}

/** As toEqual, which takes seconds for as many numbers. */
function same(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
