import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  packedBytes,
  packedSamples,
  unpackWfdb,
  type WfdbFormat,
  wfdbFormat,
} from '../../../../client/data/signals/wfdb-format.ts';
import { pack212 } from './signal-files.ts';

function format(code: number): WfdbFormat {
  const known = wfdbFormat(code);
  if (known === undefined) throw new Error(`test: format ${code}`);
  return known;
}

function unpack(code: number, bytes: readonly number[], samples: number): number[] {
  return [...unpackWfdb(format(code), Uint8Array.from(bytes), samples)];
}

describe('unpackWfdb', () => {
  it('reads the first samples of record 100 of MIT-BIH: 995 and 1011', () => {
    // 995 = 0x3e3, 1011 = 0x3f3: e3, then the high digits 3 and 3, then f3.
    expect(unpack(212, [0xe3, 0x33, 0xf3], 2)).toEqual([995, 1011]);
  });

  it('reads both signs of each format at its ends', () => {
    expect(unpack(16, [0xff, 0x7f, 0x01, 0x80, 0xfe, 0xff], 3)).toEqual([32767, -32767, -2]);
    expect(unpack(61, [0x7f, 0xff, 0x80, 0x01, 0xff, 0xfe], 3)).toEqual([32767, -32767, -2]);
    expect(unpack(160, [0x00, 0x00, 0xff, 0xff, 0x00, 0x80], 3)).toEqual([-32768, 32767, 0]);
    expect(unpack(80, [0, 128, 255], 3)).toEqual([-128, 0, 127]);
    expect(unpack(24, [0xff, 0xff, 0x7f, 0x00, 0x00, 0x80, 0xfe, 0xff, 0xff], 3)).toEqual([
      8388607, -8388608, -2,
    ]);
    expect(unpack(32, [0xff, 0xff, 0xff, 0x7f, 0x00, 0x00, 0x00, 0x80], 2)).toEqual([
      2147483647, -2147483648,
    ]);
    expect(unpack(212, [0xff, 0x87, 0x00], 2)).toEqual([2047, -2048]);
    expect(unpack(8, [0x7f, 0x80, 0xff], 3)).toEqual([127, -128, -1]);
  });

  it('reads format 310: two values in bits 1 to 10, the third from the high bits', () => {
    // 5 → 5<<1 = 0x000a; -3 = 0x3fd → 0x07fa; third 0x155 = 01010 10101: 10101 above the first, 01010 above the second.
    // first 0x000a | 0x15<<11 = 0xa80a, second 0x07fa | 0x0a<<11 = 0x57fa; 0x155 = 341, as 10 bits positive.
    expect(unpack(310, [0x0a, 0xa8, 0xfa, 0x57], 3)).toEqual([5, -3, 341]);
  });

  it('reads format 311: three values from the low bits up', () => {
    // 5 | 0x3fd<<10 | 0x155<<20 = 0x155ff405
    expect(unpack(311, [0x05, 0xf4, 0x5f, 0x15], 3)).toEqual([5, -3, 341]);
  });

  it('reads a group that the end of the file cuts short', () => {
    expect(unpack(212, [0xe3, 0x33, 0xf3, 0xfe, 0x0f], 3)).toEqual([995, 1011, -2]);
    expect(unpack(310, [0x0a, 0xa8], 1)).toEqual([5]);
    expect(unpack(311, [0x05, 0xf4, 0x0f], 2)).toEqual([5, -3]);
  });

  it('is the inverse of packing 212', () => {
    const twelveBits = fc.array(fc.integer({ min: -2048, max: 2047 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(twelveBits, (values) => {
        const bytes = pack212(values);
        expect([...unpackWfdb(format(212), bytes, values.length)]).toEqual(values);
        expect(bytes.length).toBe(packedBytes(format(212), values.length));
      }),
    );
  });
});

describe('packedBytes', () => {
  it('is the least length that holds so many samples, in every format', () => {
    for (const code of [8, 16, 24, 32, 61, 80, 160, 212, 310, 311]) {
      for (let samples = 1; samples < 20; samples++) {
        const bytes = packedBytes(format(code), samples);
        expect(packedSamples(format(code), bytes)).toBeGreaterThanOrEqual(samples);
        expect(packedSamples(format(code), bytes - 1)).toBeLessThan(samples);
      }
    }
  });
});
