import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SiteId } from '../../shared/core/ids.ts';
import { siteBits, sitesOfBits } from '../../shared/secagg/site-bits.ts';
import { sitesOf } from '../helpers/secure-attacks.ts';

const placesOf = (count: number) => sitesOf(count).map((site) => ({ site }));

describe('the bits of sites', () => {
  // Sites 0, 3 and 7 of the first byte: 1 + 8 + 128; site 9 is the second bit of the second.
  it('count from the lowest of the first byte', () => {
    const [zero, three, seven, nine] = [0, 3, 7, 9].map((i) => sitesOf(10)[i] as SiteId);
    const bits = siteBits(placesOf(10), [nine, zero, seven, three] as SiteId[]);
    expect([...bits]).toEqual([137, 2]);
    expect(sitesOfBits('bits', placesOf(10), bits)).toEqual([zero, three, seven, nine]);
  });

  it('give every set back, and every set has one form', () => {
    const cases = fc
      .integer({ min: 3, max: 255 })
      .chain((count) => fc.tuple(fc.constant(count), fc.subarray([...sitesOf(count)])));
    fc.assert(
      fc.property(cases, ([count, chosen]) => {
        const bits = siteBits(placesOf(count), chosen.toReversed());
        expect(bits.length).toBe(Math.ceil(count / 8));
        expect(sitesOfBits('bits', placesOf(count), bits)).toEqual(chosen);
      }),
    );
  });

  it.each([
    [8, [255, 0], /1 bytes of bits, got 2 bytes/],
    [9, [255], /2 bytes of bits, got 1 bytes/],
    [9, [255, 2], /bits of 9 participants, zeros behind them/],
    [255, [...new Array<number>(31).fill(0), 128], /bits of 255 participants/],
  ] as const)('of %i participants are refused in another form (%j)', (count, bits, expected) => {
    expect(() => sitesOfBits('bits', placesOf(count), Uint8Array.from(bits))).toThrow(expected);
  });

  it.each([8, 16, 248])('of %i participants fill their last byte', (count) => {
    const all = new Uint8Array(count / 8).fill(255);
    expect(sitesOfBits('bits', placesOf(count), all)).toEqual(sitesOf(count));
    expect([...siteBits(placesOf(count), sitesOf(count))]).toEqual([...all]);
  });

  it('of a stranger are not made', () => {
    expect(() => siteBits(placesOf(3), sitesOf(4))).toThrow(/site-003: expected a participant/);
  });
});
