import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nonEmptySubsets, shapleyValues, subsetKey } from '../../../simulations/statistics/shapley.ts';

/** Mean marginal gain over every order, one by one. */
function slowShapley(modalities: readonly string[], worth: (set: readonly string[]) => number): number[] {
  const orders = (left: readonly string[]): string[][] =>
    left.length === 0
      ? [[]]
      : left.flatMap((first) => orders(left.filter((m) => m !== first)).map((rest) => [first, ...rest]));
  const all = orders(modalities);
  return modalities.map((modality) => {
    const gains = all.map((order) => {
      const before = order.slice(0, order.indexOf(modality));
      return worth([...before, modality]) - worth(before);
    });
    return gains.reduce((sum, gain) => sum + gain, 0) / all.length;
  });
}

describe('shapleyValues', () => {
  it('splits what two modalities can only do together', () => {
    // a alone .6, b alone .5, both .9: a gets ((.6 - .5) + (.9 - .5)) / 2, b ((.5 - .5) + (.9 - .6)) / 2.
    const values = new Map([
      ['a', 0.6],
      ['b', 0.5],
      ['a+b', 0.9],
    ]);
    const shares = shapleyValues(['b', 'a'], { values, emptyValue: 0.5 });
    expect(shares.get('a')).toBeCloseTo(0.25, 12);
    expect(shares.get('b')).toBeCloseTo(0.15, 12);
  });

  it('equals the mean over all orders and adds up to the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 }),
        (draws) => {
          const modalities = ['w', 'x', 'y', 'z'];
          const subsets = nonEmptySubsets(modalities);
          const values = new Map(subsets.map((subset, i) => [subsetKey(subset), draws[i] as number]));
          const shares = shapleyValues(modalities, { values, emptyValue: 0.5 });
          const slow = slowShapley(modalities, (set) => values.get(subsetKey(set)) ?? 0.5);
          modalities.forEach((modality, i) => {
            expect(shares.get(modality)).toBeCloseTo(slow[i] as number, 10);
          });
          const total = [...shares.values()].reduce<number>((sum, share) => sum + (share ?? 0), 0);
          expect(total).toBeCloseTo((values.get('w+x+y+z') as number) - 0.5, 10);
        },
      ),
    );
  });

  it('is undefined for all where one subset has no value', () => {
    const values = new Map([
      ['a', null],
      ['b', 0.5],
      ['a+b', 0.9],
    ]);
    expect([...shapleyValues(['a', 'b'], { values, emptyValue: 0.5 }).values()]).toEqual([null, null]);
  });

  it('lists the full subset first', () => {
    expect(nonEmptySubsets(['b', 'a', 'c']).map(subsetKey)).toEqual([
      'a+b+c',
      'a+b',
      'a+c',
      'b+c',
      'a',
      'b',
      'c',
    ]);
  });
});
