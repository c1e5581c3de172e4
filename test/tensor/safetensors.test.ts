import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../shared/tensor/safetensors.ts';

type Entry = { dtype: string; shape: readonly number[]; data_offsets: readonly number[] };

/** A file with any header and any length in front of it. */
function fileOf(header: unknown, data: Uint8Array = new Uint8Array(), claimed?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

const entry = (shape: readonly number[], begin: number, end: number, dtype = 'F32'): Entry => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'WEIGHTS_INVALID', message: expect.stringMatching(message) });
const read = (bytes: Uint8Array) => decodeSafetensors(bytes, 'w.safetensors');

describe('encodeSafetensors and decodeSafetensors', () => {
  it('give back every tensor, wherever the bytes lie', () => {
    const shapes = fc.uniqueArray(fc.tuple(fc.string(), fc.array(fc.nat(4), { maxLength: 3 })), {
      selector: ([name]) => name,
      maxLength: 6,
    });
    fc.assert(
      fc.property(shapes, fc.nat(7), (specs, shift) => {
        const named = specs.filter(([name]) => name !== '__metadata__' && name !== '__proto__');
        const tensors = new Map(
          named.map(([name, shape], t) => {
            const size = shape.reduce((product, length) => product * length, 1);
            return [name, { shape, values: Float32Array.from({ length: size }, (_, i) => t + i / 8) }];
          }),
        );
        const bytes = encodeSafetensors(tensors, { made: 'here' });
        const moved = new Uint8Array(bytes.length + shift);
        moved.set(bytes, shift);
        const found = read(moved.subarray(shift));
        expect(found.size).toBe(tensors.size);
        for (const [name, tensor] of tensors) expect(found.get(name)).toEqual(tensor);
      }),
    );
  });

  it('begin the values at a multiple of 8', () => {
    for (const name of ['a', 'ab', 'abc', 'abcdefgh']) {
      const bytes = encodeSafetensors(new Map([[name, { shape: [1], values: Float32Array.of(1) }]]), {});
      expect((bytes.length - 4) % 8).toBe(0);
    }
  });
});

describe('decodeSafetensors', () => {
  it('reads a file as the format describes it, byte by byte', () => {
    const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  ';
    // 1 is 0x3f800000, −2 is 0xc0000000.
    const data = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
    expect(read(fileOf(header, data)).get('w')).toEqual({ shape: [2], values: Float32Array.of(1, -2) });
  });

  it('reads half precision and bfloat16', () => {
    // binary16: 1 is 3c00, −2 is c000, 2^−24 (the smallest) is 0001, 65504 (the largest) is 7bff, −0 is 8000.
    const half = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000);
    const halves = read(fileOf({ w: entry([5], 0, 10, 'F16') }, new Uint8Array(half.buffer)));
    expect(halves.get('w')?.values).toEqual(Float32Array.of(1, -2, 2 ** -24, 65504, -0));
    // bfloat16 is the upper half of a float32: 1 is 3f80, −2 is c000, 3.140625 is 4049.
    const brain = Uint16Array.of(0x3f80, 0xc000, 0x4049);
    const brains = read(fileOf({ w: entry([3], 0, 6, 'BF16') }, new Uint8Array(brain.buffer)));
    expect(brains.get('w')?.values).toEqual(Float32Array.of(1, -2, 3.140625));
  });

  it('reads a scalar and an empty tensor', () => {
    const found = read(fileOf({ a: entry([], 0, 4), b: entry([0, 3], 4, 4) }, new Uint8Array(4)));
    expect(found.get('a')).toEqual({ shape: [], values: Float32Array.of(0) });
    expect(found.get('b')?.values.length).toBe(0);
  });

  const four = new Uint8Array(4);
  const noUtf8 = fileOf('{?}').fill(0xff, 9, 10);
  it.each([
    ['no bytes at all', new Uint8Array(), /expected 8 to \d+ bytes, got 0/],
    [
      'a header of 2^60 bytes',
      fileOf({}, four, 2n ** 60n),
      /header of at most 6 bytes, got 1152921504606846976/,
    ],
    ['a header of 2^64 − 1 bytes', fileOf({}, four, 2n ** 64n - 1n), /header of at most 6 bytes/],
    ['a header longer than the file', fileOf({}, new Uint8Array(), 3n), /header of at most 2 bytes, got 3/],
    ['a header that is no JSON', fileOf('{"w":'), /a header in JSON/],
    ['a header that is no UTF-8', noUtf8, /a header in JSON/],
    ['a header nested without end', fileOf('['.repeat(100_000)), /a header in JSON/],
    ['a list for a header', fileOf([]), /maps names to tensors/],
    ['null for a header', fileOf('null'), /maps names to tensors/],
    ['an entry that is none', fileOf({ w: 3 }), /tensor "w": expected a sound entry/],
    ['whole numbers', fileOf({ w: entry([1], 0, 4, 'I32') }, four), /expected F32, F16 or BF16/],
    ['a negative length', fileOf({ w: entry([-1], 0, 4) }, four), /shape.0: expected a sound entry/],
    ['a length that is no whole number', fileOf({ w: entry([0.5], 0, 2) }, four), /expected a sound entry/],
    [
      'a shape whose product overflows',
      fileOf({ w: entry(Array(8).fill(2 ** 28), 0, 4) }, four),
      /at most 268435456 values/,
    ],
    ['nine axes', fileOf({ w: entry(Array(9).fill(1), 0, 4) }, four), /expected a sound entry/],
    ['a place beyond the file', fileOf({ w: entry([2], 0, 8) }, four), /expected 8 bytes of values, got 4/],
    [
      'an end before its beginning',
      fileOf({ w: entry([1], 4, 0) }, four),
      /expected 4 bytes for shape \[1\], got -4/,
    ],
    [
      'a place of another size',
      fileOf({ w: entry([2], 0, 4) }, four),
      /expected 8 bytes for shape \[2\], got 4/,
    ],
    [
      'two tensors in one place',
      fileOf({ a: entry([1], 0, 4), b: entry([1], 0, 4) }, four),
      /tensor "b": expected its values from byte 4, got 0/,
    ],
    [
      'two tensors that overlap',
      fileOf({ a: entry([2], 0, 8), b: entry([1], 4, 8) }, new Uint8Array(8)),
      /tensor "b": expected its values from byte 8, got 4/,
    ],
    [
      'a gap between tensors',
      fileOf({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, new Uint8Array(12)),
      /tensor "b": expected its values from byte 4, got 8/,
    ],
    [
      'bytes behind the last tensor',
      fileOf({ a: entry([1], 0, 4) }, new Uint8Array(5)),
      /expected 4 bytes of values, got 5/,
    ],
    [
      'NaN',
      fileOf({ w: entry([1], 0, 4) }, Uint8Array.of(0, 0, 0xc0, 0x7f)),
      /tensor "w": expected finite values/,
    ],
    [
      'infinity',
      fileOf({ w: entry([1], 0, 2, 'F16') }, Uint8Array.of(0, 0x7c)),
      /tensor "w": expected finite values/,
    ],
    [
      'NaN in half precision',
      fileOf({ w: entry([1], 0, 2, 'F16') }, Uint8Array.of(1, 0x7c)),
      /expected finite values/,
    ],
    [
      'more tensors than a block has',
      fileOf(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`t${i}`, 0]))),
      /at most 10000 tensors/,
    ],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => read(bytes)).toThrow(refusal(message));
  });

  it('names the file, and no more of a long name than fits on a line', () => {
    const long = fileOf({ [`\n${'x'.repeat(5000)}`]: 1 });
    expect(() => read(long)).toThrow(
      refusal(/^w\.safetensors: tensor "\\nx{79}": expected a sound entry, got another$/),
    );
  });

  it('refuses or reads whatever comes, and throws nothing else', () => {
    const sound = encodeSafetensors(new Map([['w', { shape: [2], values: Float32Array.of(1, 2) }]]), {
      a: 'b',
    });
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(sound);
        bytes[at] = byte;
        try {
          read(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'WEIGHTS_INVALID' });
        }
      }),
      { numRuns: 500 },
    );
  });
});
