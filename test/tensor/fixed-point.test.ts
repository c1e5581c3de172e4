import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COUNT,
  decodeFixed,
  encodeFixed,
  exactSum,
  packParts,
  REAL_SUM,
  readParts,
  UNIT_SUM,
  widthOf,
} from '../../shared/tensor/fixed-point.ts';
import { addInto } from '../../shared/tensor/ring.ts';

const encoded = (value: number, format: typeof COUNT) => {
  const vector = new Int32Array(widthOf(format));
  encodeFixed(value, format, vector, 0);
  return vector;
};

describe('numbers on a grid', () => {
  it('add up in the ring as BigInt does, whatever their order and sign', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e30, max: 1e30, noNaN: true }), { maxLength: 30 }),
        (values) => {
          const grid = (value: number) => BigInt(Math.round(value * 2 ** 64));
          const exact = Number(values.reduce((total, value) => total + grid(value), 0n)) / 2 ** 64;
          expect(exactSum(values)).toBe(exact);
          expect(exactSum([...values].reverse())).toBe(exact);
        },
      ),
    );
  });

  it('give a single number back to half a step of the grid', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e20, max: 1e20, noNaN: true }), (value) => {
        // Above 2^-11 a float64 has no digits below 2^-64 and comes back as it is.
        expect(Math.abs(exactSum([value]) - value)).toBeLessThanOrEqual(2 ** -65);
      }),
    );
  });

  it('are exact for 255 sites at the ends of each range', () => {
    for (const [format, most] of [
      [COUNT, 2 ** 22],
      [UNIT_SUM, 2 ** 20 - 1],
      [REAL_SUM, -(2 ** 120)],
    ] as const) {
      const sum = new Int32Array(widthOf(format));
      for (let i = 0; i < 255; i++) addInto(sum, encoded(most, format));
      expect(decodeFixed(sum, 0, format, 255)).toBe(255 * most);
    }
  });

  it.each([
    [Number.NaN, REAL_SUM],
    [Number.POSITIVE_INFINITY, REAL_SUM],
    [2 ** 130, REAL_SUM],
    [-1, UNIT_SUM],
    [2 ** 21, UNIT_SUM],
    [-1, COUNT],
    [1.5, COUNT],
    [2 ** 22 + 1, COUNT],
  ])('refuse %d where it has no place', (value, format) => {
    expect(() => encoded(value, format)).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
  });

  it('refuse a sum that no such numbers add up to', () => {
    // Three sites with limbs of 16 bits reach 3 · 65,535 in a coordinate.
    expect(() => decodeFixed(Int32Array.of(3 * 0xffff + 1, 0, 0), 0, UNIT_SUM, 3)).toThrow(
      expect.objectContaining({ code: 'NOT_FINITE' }),
    );
    expect(() => decodeFixed(Int32Array.of(-1), 0, COUNT, 3)).toThrow(
      expect.objectContaining({ code: 'NOT_FINITE' }),
    );
  });

  it('stand one part behind the other', () => {
    const parts = [
      [COUNT, [3, 0]],
      [REAL_SUM, [-2.5]],
      [COUNT, []],
      [UNIT_SUM, [0.75, 1]],
    ] as const;
    // 2 · 1 + 12 + 0 + 2 · 3 coordinates.
    const vector = packParts(parts);
    expect(vector).toHaveLength(20);
    expect(readParts(parts, vector, 1).map((part) => [...part])).toEqual([[3, 0], [-2.5], [], [0.75, 1]]);
  });
});
