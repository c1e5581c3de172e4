import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contribution } from '../../../server/aggregation/contribution.ts';
import { medianSum } from '../../../server/aggregation/median-sum.ts';
import { robustShortfall } from '../../../server/aggregation/robust.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { type BlockSum, sumFault } from '../../../shared/merge/block-sum.ts';
import { reweighed } from '../../../shared/merge/geometric-median.ts';
import { packAgain, packUpdate, unpackSum } from '../../../shared/secagg/vector.ts';
import { addInto, dequantize, quantize } from '../../../shared/tensor/ring.ts';
import { distanceSum, slowGeometricMedian } from '../../reference/slow-robust.ts';

const CLIP = 10;
/** Five of them are below T. */
const SHARE = 2 ** 28;

function contributions(
  deltas: readonly (readonly number[])[],
  shares: readonly number[] = [],
): Contribution[] {
  return deltas.map((delta, k) => {
    const share = shares[k] ?? SHARE;
    const { vector } = quantize(Float32Array.from(delta), { share, clip: CLIP });
    const site = siteId(`site-${String.fromCharCode(97 + k)}`);
    return { site, block: JOINT_BLOCK, share, steps: 0, vector };
  });
}

const centreOf = ({ vector, weight }: BlockSum) => [...dequantize(vector, { weight, clip: CLIP })];

function summed(vectors: readonly Int32Array[]): Int32Array {
  const sum = new Int32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) addInto(sum, vector);
  return sum;
}

const someDeltas = fc.array(
  fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 }),
  { minLength: 5, maxLength: 7 },
);

describe('medianSum', () => {
  it('ends where no point nearby has a smaller sum of weighted distances', async () => {
    const deltas = [
      [0, 0, 1],
      [1, 0, 0],
      [0, 2, 0],
      [4, 4, 4],
      [-1, 0, 0.5],
    ];
    const shares = [1, 2, 1, 1, 3].map((weight) => weight * (SHARE / 2));
    const terms = { iterations: 200, smoothing: 0.001 };
    const centre = centreOf(await medianSum(contributions(deltas, shares), terms));
    const best = distanceSum(centre, deltas, shares);
    for (let j = 0; j < 3; j++) {
      for (const move of [-0.02, 0.02]) {
        const moved = centre.map((value, i) => (i === j ? value + move : value));
        expect(distanceSum(moved, deltas, shares)).toBeGreaterThan(best);
      }
    }
  });

  it('comes to what the same iterations come to in real numbers', async () => {
    const shares = [3e8, 1e8, 2e8, 5e7, 7e7, 1e7, 3e7];
    await fc.assert(
      fc.asyncProperty(someDeltas, async (deltas) => {
        const found = centreOf(
          await medianSum(contributions(deltas, shares), { iterations: 3, smoothing: 0.05 }),
        );
        // ν = 0.05 · 10. Weights stay above 1e7 · 0.05 / 2, so that a unit of the ring is below 4e-5 of the clip.
        const expected = slowGeometricMedian(deltas, shares, { iterations: 3, nu: 0.5 });
        for (const [j, value] of expected.entries()) {
          expect(Math.abs((found[j] ?? Number.NaN) - value)).toBeLessThan(1e-4);
        }
      }),
    );
  });

  it('is to the bit the sum of what the sites weigh anew themselves, which is all that masks show', async () => {
    const shares = fc.array(fc.integer({ min: 1, max: 300_000_000 }), { minLength: 7, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(
        someDeltas,
        shares,
        fc.constantFrom(0.001, 0.05, 2),
        async (deltas, weights, smoothing) => {
          const sites = contributions(deltas, weights);
          const packed = sites.map(({ block, share, vector }) =>
            packUpdate({ block, weight: share, steps: 0, clipped: false, vector }, 1),
          );
          let sum = summed(packed);
          for (const iterations of [2, 3]) {
            const { vector, header } = unpackSum(sum);
            const before = { weight: header.weight, vector };
            sum = summed(await Promise.all(packed.map((each) => packAgain(each, before, smoothing))));
            const expected = await medianSum(sites, { iterations, smoothing });
            expect(unpackSum(sum).vector).toEqual(expected.vector);
            expect(unpackSum(sum).header).toMatchObject({
              weight: expected.weight,
              steps: 0,
              clipped: 0,
              loss: 0,
            });
          }
        },
      ),
    );
  });

  it('is moved by one site far away less than a tenth of the way that it moves the mean', async () => {
    const deltas = [[0], [0.1], [-0.1], [0.05], [10]];
    const [centre = Number.NaN] = centreOf(
      await medianSum(contributions(deltas), { iterations: 4, smoothing: 0.01 }),
    );
    // The mean is 2.01.
    expect(Math.abs(centre)).toBeLessThan(0.1 * 2.01);
  });

  it('gives the same bits in any order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(someDeltas, fc.infiniteStream(fc.nat(100)), async (deltas, keys) => {
        const arrived = contributions(deltas, [3e8, 1e8, 2e8, 5e7, 7e7, 1e7, 3e7]);
        const shuffled = arrived
          .map((contribution) => ({ contribution, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ contribution }) => contribution);
        const terms = { iterations: 3, smoothing: 0.01 };
        expect(await medianSum(shuffled, terms)).toEqual(await medianSum(arrived, terms));
      }),
    );
  });

  // The distances are summed over several slices; zeros move none.
  it('of a block with zeros behind it is that of the block', async () => {
    const deltas = [[4], [0], [0.1], [-0.1], [0.3]];
    const zeros = new Array<number>(600_000).fill(0);
    const terms = { iterations: 2, smoothing: 0.01 };
    const padded = await medianSum(contributions(deltas.map((delta) => [...delta, ...zeros])), terms);
    const alone = await medianSum(contributions(deltas), terms);
    expect([padded.weight, padded.vector[0]]).toEqual([alone.weight, alone.vector[0]]);
  });

  it('passes the checks that a sum of honest sites passes, at the clip and far beyond it', async () => {
    const delta = fc.array(fc.constantFrom(-1e6, -7, -0.5, 0, 0.5, 7, 1e6), { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(delta, { minLength: 5, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 429_496_729 }), { minLength: 5, maxLength: 5 }),
        fc.integer({ min: 2, max: 4 }),
        async (deltas, shares, iterations) => {
          const sum = await medianSum(contributions(deltas, shares), { iterations, smoothing: 0.001 });
          expect(await sumFault(sum, 2)).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    [2, 5],
    [3, 5],
    [4, 6],
    [10, 12],
  ])('by %i means needs %i holders', (iterations, needed) => {
    const spec = { kind: 'geometric-median', iterations, smoothing: 0.01 } as const;
    expect(robustShortfall(spec, needed)).toBeUndefined();
    expect(robustShortfall(spec, needed - 1)).toMatch(`expected at least ${needed} holders`);
  });
});

describe('reweighed', () => {
  const terms = { weight: 1000, vector: Int32Array.of(600, -800) };

  it('leaves a delta as it is that is no further from the mean than the smoothing', async () => {
    // The same direction at twice the weight: the distance is 0.
    const mean = { weight: 2000, vector: Int32Array.of(1200, -1600) };
    expect(await reweighed(terms, mean, 0.001)).toEqual(terms);
  });

  it('weighs a delta less by as much as it is too far', async () => {
    // ‖(0.6, -0.8) - (0, 0)‖ = 1 clip, ten times the smoothing: a' = 1000 / 10, q' = (60, -80).
    const mean = { weight: 5000, vector: Int32Array.of(0, 0) };
    expect(await reweighed(terms, mean, 0.1)).toEqual({ weight: 100, vector: Int32Array.of(60, -80) });
  });

  it('never weighs a delta by nothing', async () => {
    const far = { weight: 5, vector: Int32Array.of(3, -4) };
    const mean = { weight: 5000, vector: Int32Array.of(-3000, 4000) };
    // 2 clips away: floor(5 · 0.001 / 2) would be 0.
    expect((await reweighed(far, mean, 0.001)).weight).toBe(1);
  });
});
