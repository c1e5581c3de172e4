import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addContribution,
  blockSum,
  meanOfSum,
  subtractContribution,
  sumFault,
} from '../../../server/aggregation/block-mean.ts';
import type { Contribution } from '../../../server/aggregation/contribution.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { RING_MAX } from '../../../shared/tensor/ring.ts';

function contribution(vector: readonly number[], share: number, steps = 0): Contribution {
  return { site: siteId('site-a'), block: JOINT_BLOCK, share, steps, vector: Int32Array.from(vector) };
}

function summed(contributions: readonly Contribution[]) {
  const sum = blockSum(contributions[0]?.vector.length ?? 0);
  for (const each of contributions) addContribution(sum, each);
  return sum;
}

describe('block sum', () => {
  it('does not depend on who comes first', () => {
    const any = fc.record({
      values: fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 3, maxLength: 3 }),
      share: fc.integer({ min: 1e6, max: 1e7 }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (sites) => {
        const all = sites.map(({ values, share }) => contribution(values, share, share - 1));
        expect(summed(all)).toEqual(summed([...all].reverse()));
      }),
    );
  });

  it('forgets a contribution that is taken out', () => {
    const sum = summed([contribution([5, -5], 10, 2)]);
    addContribution(sum, contribution([RING_MAX, -RING_MAX], RING_MAX, 9));
    subtractContribution(sum, contribution([RING_MAX, -RING_MAX], RING_MAX, 9));
    expect(sum).toEqual(summed([contribution([5, -5], 10, 2)]));
  });

  // C · Q / A = 8 · (3, −1) / 4.
  it('reads the mean piece by piece', () => {
    const mean = meanOfSum(summed([contribution([1, 0], 1), contribution([2, -1], 3)]), 8);
    const [first, second] = [new Float64Array(1), new Float64Array(1)];
    mean.read(0, first);
    mean.read(1, second);
    expect([first[0], second[0]]).toEqual([6, -2]);
  });

  it('one holder: the mean is its delta', () => {
    const mean = meanOfSum(summed([contribution([7], 14)]), 2);
    const out = new Float64Array(1);
    mean.read(0, out);
    expect(out[0]).toBe(1);
  });
});

describe('sumFault', () => {
  it('has nothing against honest sums, all sites at the clip', () => {
    expect(sumFault(summed([contribution([10, 0], 10, 10), contribution([20, 0], 20, 20)]))).toBeUndefined();
  });

  it.each<[string, Contribution[], RegExp]>([
    ['a coordinate above the weight', [contribution([11], 10)], /coordinate/],
    ['a coordinate below minus the weight', [contribution([-11], 10)], /coordinate/],
    ['weights above T', [contribution([1], RING_MAX), contribution([1], 1)], /weight/],
    ['a weight of zero', [contribution([0], 0)], /weight/],
    ['more steps than weight', [contribution([1], 10, 11)], /steps/],
    ['fewer than no steps', [contribution([1], 10, -1)], /steps/],
    // ‖(10, 10)‖ = 14.1 > 10 + √2 / 2.
    ['a norm above the clip', [contribution([10, 10], 10)], /norm/],
  ])('finds %s', (_, contributions, fault) => {
    expect(sumFault(summed(contributions))).toMatch(fault);
  });
});
