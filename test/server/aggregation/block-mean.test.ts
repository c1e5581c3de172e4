import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addContribution, blockSum, subtractContribution } from '../../../server/aggregation/block-mean.ts';
import type { Contribution } from '../../../server/aggregation/contribution.ts';
import { bytesOf } from '../../../shared/core/bytes.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { meanOfSum, sumFault } from '../../../shared/merge/block-sum.ts';
import { SLICE } from '../../../shared/merge/in-slices.ts';
import { RING_MAX } from '../../../shared/tensor/ring.ts';
import { slowSum, slowWrap } from '../../reference/slow-ring.ts';

function contribution(vector: readonly number[], share: number, steps = 0): Contribution {
  return { site: siteId('site-a'), block: JOINT_BLOCK, share, steps, vector: Int32Array.from(vector) };
}

/** Every 32-bit pattern may come up, so that sums of three go over the ring's edge. */
function pattern(i: number, k: number): number {
  return Math.imul(i + 1, 2654435761 + 2 * k) | 0;
}

async function summed(contributions: readonly Contribution[]) {
  const sum = blockSum(contributions[0]?.vector.length ?? 0);
  for (const each of contributions) await addContribution(sum, each);
  return sum;
}

describe('block sum', () => {
  it('does not depend on who comes first', async () => {
    const any = fc.record({
      values: fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 3, maxLength: 3 }),
      share: fc.integer({ min: 1e6, max: 1e7 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 8 }), async (sites) => {
        const all = sites.map(({ values, share }) => contribution(values, share, share - 1));
        expect(await summed(all)).toEqual(await summed([...all].reverse()));
      }),
    );
  });

  it('forgets a contribution that is taken out', async () => {
    const sum = await summed([contribution([5, -5], 10, 2)]);
    await addContribution(sum, contribution([RING_MAX, -RING_MAX], RING_MAX, 9));
    await subtractContribution(sum, contribution([RING_MAX, -RING_MAX], RING_MAX, 9));
    expect(sum).toEqual(await summed([contribution([5, -5], 10, 2)]));
  });

  it.each([SLICE - 1, SLICE, 2 * SLICE + 3])('agrees with exact integers in a block of %i', async (size) => {
    const vectors = [0, 1, 2].map((k) => Int32Array.from({ length: size }, (_, i) => pattern(i, k)));
    const sum = blockSum(size);
    for (const vector of vectors) await addContribution(sum, { ...contribution([], 1), vector });
    const exact = slowSum(vectors.map((vector) => Array.from(vector, BigInt)));
    expect(sha256(bytesOf(sum.vector))).toBe(sha256(bytesOf(Int32Array.from(exact, slowWrap))));
    for (const vector of vectors) await subtractContribution(sum, { ...contribution([], 1), vector });
    expect(sum.vector.every((value) => value === 0)).toBe(true);
  });

  // One whole slice would fit.
  it('adds nothing of a vector of another length', async () => {
    const sum = blockSum(SLICE + 1);
    const longer = { ...contribution([], 10), vector: new Int32Array(SLICE + 2).fill(1) };
    await expect(addContribution(sum, longer)).rejects.toMatchObject({ code: 'BAD_CONTRIBUTION' });
    await expect(subtractContribution(sum, longer)).rejects.toMatchObject({ code: 'BAD_CONTRIBUTION' });
    expect([sum.holders, sum.weight, sum.vector.some((value) => value !== 0)]).toEqual([0, 0, false]);
  });

  // C · Q / A = 8 · (3, −1) / 4.
  it('reads the mean piece by piece', async () => {
    const mean = meanOfSum(await summed([contribution([1, 0], 1), contribution([2, -1], 3)]), 8);
    const [first, second] = [new Float64Array(1), new Float64Array(1)];
    mean.read(0, first);
    mean.read(1, second);
    expect([first[0], second[0]]).toEqual([6, -2]);
  });

  it('one holder: the mean is its delta', async () => {
    const mean = meanOfSum(await summed([contribution([7], 14)]), 2);
    const out = new Float64Array(1);
    mean.read(0, out);
    expect(out[0]).toBe(1);
  });
});

describe('sumFault', () => {
  it('has nothing against honest sums, all sites at the clip', async () => {
    const sum = await summed([contribution([10, 0], 10, 10), contribution([20, 0], 20, 20)]);
    expect(await sumFault(sum)).toBeUndefined();
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
  ])('finds %s', async (_, contributions, fault) => {
    expect(await sumFault(await summed(contributions))).toMatch(fault);
  });
});
