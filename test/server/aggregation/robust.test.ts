import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contribution } from '../../../server/aggregation/contribution.ts';
import { robustMean, robustShortfall } from '../../../server/aggregation/robust.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { slowKrum, slowMedian, slowTrimmedMean } from '../../reference/slow-robust.ts';

const CLIP = 10;
/** 2^20 units per clip at share 2^20: a delta of x is x · 2^20 / 10 units. */
const SHARE = 2 ** 20;

function contributions(
  deltas: readonly (readonly number[])[],
  shares: readonly number[] = [],
): Contribution[] {
  return deltas.map((delta, k) => {
    const share = shares[k] ?? SHARE;
    const vector = Int32Array.from(delta, (value) => Math.round((value * share) / CLIP));
    return {
      site: siteId(`site-${String.fromCharCode(97 + k)}`),
      block: JOINT_BLOCK,
      share,
      steps: 0,
      vector,
    };
  });
}

function close(found: Float64Array, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [j, value] of expected.entries())
    expect(Math.abs((found[j] ?? Number.NaN) - value)).toBeLessThan(2e-5);
}

const someDeltas = (fewest: number) =>
  fc.array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 }), {
    minLength: fewest,
    maxLength: 9,
  });

describe('robustMean', () => {
  it('median: agrees with sorting', async () => {
    await fc.assert(
      fc.asyncProperty(someDeltas(1), async (deltas) => {
        close(await robustMean({ kind: 'median' }, contributions(deltas), CLIP), slowMedian(deltas));
      }),
    );
  });

  it('trimmed mean: agrees with taking the extremes away one by one', async () => {
    await fc.assert(
      fc.asyncProperty(someDeltas(5), async (deltas) => {
        close(
          await robustMean({ kind: 'trimmed-mean', trim: 2 }, contributions(deltas), CLIP),
          slowTrimmedMean(deltas, 2),
        );
      }),
    );
  });

  it('multi-Krum: agrees with the scores written out', async () => {
    await fc.assert(
      fc.asyncProperty(someDeltas(7), fc.nat(2), async (deltas, byzantine) => {
        // Rounded to the ring first, so that ties are ties on both sides.
        const rounded = deltas.map((delta) =>
          delta.map((value) => (Math.round((value * SHARE) / CLIP) * CLIP) / SHARE),
        );
        const kept = slowKrum(rounded, byzantine);
        const expected = [0, 1, 2].map(
          (j) => kept.reduce((sum, k) => sum + (rounded[k]?.[j] ?? 0), 0) / kept.length,
        );
        close(await robustMean({ kind: 'multi-krum', byzantine }, contributions(rounded), CLIP), expected);
      }),
    );
  });

  it('multi-Krum: leaves the site out that points the other way', async () => {
    const deltas = [
      [1, 1],
      [1.1, 1],
      [0.9, 1],
      [1, 1.1],
      [-9, -9],
    ];
    close(await robustMean({ kind: 'multi-krum', byzantine: 1 }, contributions(deltas), CLIP), [1, 1.025]);
  });

  const every = [
    { kind: 'median' },
    { kind: 'trimmed-mean', trim: 1 },
    { kind: 'multi-krum', byzantine: 1 },
  ] as const;

  it.each(every)('$kind gives the same bits in any order of arrival', async (spec) => {
    await fc.assert(
      fc.asyncProperty(
        someDeltas(5),
        fc.array(fc.nat(100), { minLength: 9, maxLength: 9 }),
        async (deltas, keys) => {
          const arrived = contributions(deltas, [3e8, 1e8, 2e8, 5e7, 7e7, 1e7, 3e7, 2e7, 9e7]);
          const shuffled = arrived
            .map((contribution, k) => ({ contribution, key: keys[k] ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ contribution }) => contribution)
            .reverse();
          expect(await robustMean(spec, shuffled, CLIP)).toEqual(await robustMean(spec, arrived, CLIP));
        },
      ),
    );
  });

  // 40,000 coordinates of 5 sites are several slices for each kind; every 1,000th must be as in a block of its own.
  it.each([{ kind: 'median' }, { kind: 'trimmed-mean', trim: 1 }] as const)(
    '$kind of a large block is that of its coordinates',
    async (spec) => {
      const deltas = [0, 1, 2, 3, 4].map((k) =>
        Array.from({ length: 40_000 }, (_, j) => Math.sin(j * (k + 1))),
      );
      const whole = await robustMean(spec, contributions(deltas), CLIP);
      for (let j = 0; j < 40_000; j += 1000) {
        const [alone] = await robustMean(spec, contributions(deltas.map((delta) => [delta[j] ?? 0])), CLIP);
        expect(whole[j]).toBe(alone);
      }
    },
  );

  // Zeros behind the block move no distance, though they are summed in later slices.
  it('multi-Krum of a block with zeros behind it is that of the block', async () => {
    const spec = { kind: 'multi-krum', byzantine: 1 } as const;
    const deltas = [[4], [0], [0.1], [-0.1], [0.3]];
    const zeros = new Array<number>(40_000).fill(0);
    const padded = await robustMean(spec, contributions(deltas.map((delta) => [...delta, ...zeros])), CLIP);
    expect([...padded.subarray(0, 1)]).toEqual([...(await robustMean(spec, contributions(deltas), CLIP))]);
  });

  it.each([{ kind: 'median' }, { kind: 'multi-krum', byzantine: 1 }] as const)(
    '$kind lets the event loop have its turn in a large block',
    async (spec) => {
      let turns = 0;
      setImmediate(() => {
        turns += 1;
      });
      const deltas = [0, 1, 2, 3, 4].map((k) => new Array<number>(40_000).fill(k));
      await robustMean(spec, contributions(deltas), CLIP);
      expect(turns).toBe(1);
    },
  );

  it('median of one site is its delta, of two the middle', async () => {
    const spec = { kind: 'median' } as const;
    close(await robustMean(spec, contributions([[1, -2]]), CLIP), [1, -2]);
    const two = contributions([
      [1, -2],
      [3, 0],
    ]);
    close(await robustMean(spec, two, CLIP), [2, -1]);
  });

  it.each([
    [{ kind: 'trimmed-mean', trim: 1 }, 2],
    [{ kind: 'trimmed-mean', trim: 2 }, 4],
    [{ kind: 'multi-krum', byzantine: 0 }, 2],
    [{ kind: 'multi-krum', byzantine: 1 }, 4],
  ] as const)('%o refuses %i holders and takes one more', async (spec, tooFew) => {
    const deltas = Array.from({ length: tooFew + 1 }, (_, k) => [k]);
    expect(robustShortfall(spec, tooFew)).toBeDefined();
    await expect(robustMean(spec, contributions(deltas.slice(1)), CLIP)).rejects.toThrow(/expected at least/);
    expect(await robustMean(spec, contributions(deltas), CLIP)).toHaveLength(1);
  });
});
