import { describe, expect, it } from 'vitest';
import { hashPart } from '../../../client/data/split.ts';

const SHARES = { test: 0.3, validation: 0.1 };

describe('hashPart', () => {
  it('depends on the salt and the patient alone', () => {
    const parts = Array.from({ length: 50 }, (_, i) => hashPart('study', `p${i}`, SHARES));
    expect(Array.from({ length: 50 }, (_, i) => hashPart('study', `p${i}`, SHARES))).toEqual(parts);
    expect(Array.from({ length: 50 }, (_, i) => hashPart('other', `p${i}`, SHARES))).not.toEqual(parts);
  });

  it('never takes salt and id for another pair of the same letters', () => {
    const of = (salt: string, id: string) =>
      Array.from({ length: 20 }, (_, i) => hashPart(salt, `${id}${i}`, SHARES));
    expect(of('ab', 'c')).not.toEqual(of('a', 'bc'));
  });

  it('meets its shares within three standard deviations', () => {
    const count = [0, 0, 0];
    for (let i = 0; i < 10_000; i++) {
      const part = hashPart('study', `p${i}`, SHARES);
      count[part] = (count[part] ?? 0) + 1;
    }
    // sqrt(10000 * .3 * .7) = 46; sqrt(10000 * .1 * .9) = 30
    expect(Math.abs((count[2] ?? 0) - 3000)).toBeLessThan(3 * 46);
    expect(Math.abs((count[1] ?? 0) - 1000)).toBeLessThan(3 * 30);
  });

  it('moves no patient from the test part when the validation share grows', () => {
    for (let i = 0; i < 500; i++) {
      const isTest = hashPart('study', `p${i}`, SHARES) === 2;
      expect(hashPart('study', `p${i}`, { test: 0.3, validation: 0.4 }) === 2).toBe(isTest);
    }
  });

  it('leaves a part of share 0 empty', () => {
    expect(
      Array.from({ length: 100 }, (_, i) => hashPart('s', `${i}`, { test: 0, validation: 0 })).every(
        (part) => part === 0,
      ),
    ).toBe(true);
  });
});
