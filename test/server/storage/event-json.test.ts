import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJson, encodeJson } from '../../../server/storage/event-json.ts';

const number = fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY));

describe('event JSON', () => {
  it('brings maps, sets, nested values and every number back', () => {
    const value = {
      map: new Map([['a', new Map([['b', [1, undefined, null]]])]]),
      set: new Set(['x', 'y']),
      list: [undefined, Number.NaN, Number.NEGATIVE_INFINITY],
      text: 'ü "quoted"',
    };
    expect(decodeJson(encodeJson(value))).toEqual(value);
  });

  it('fills the place of an undefined element, so that loops see it', () => {
    const [...found] = decodeJson(encodeJson([undefined, 1, undefined])) as unknown[];
    expect(found.map((element) => element === undefined)).toEqual([true, false, true]);
  });

  it('brings float64 arrays back bit for bit, full or nearly empty', () => {
    const sparse = fc.array(
      fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: number }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(number), sparse), (values) => {
        const array = Float64Array.from(values);
        const found = decodeJson(encodeJson(array)) as Float64Array;
        expect([...found].every((value, i) => Object.is(value, array[i]))).toBe(true);
        expect(found).toHaveLength(array.length);
      }),
    );
  });

  it('stores a histogram of few patients in little space', () => {
    const histogram = new Float64Array(1000);
    histogram[17] = 3;
    expect(encodeJson(histogram).length).toBeLessThan(100);
  });

  it('refuses what is not JSON', () => {
    expect(() => decodeJson('{')).toThrow(/payload/);
  });
});
