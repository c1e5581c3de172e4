import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inSlices, SLICE } from '../../shared/merge/in-slices.ts';

async function rangesOf(size: number, cost?: number): Promise<[number, number][]> {
  const ranges: [number, number][] = [];
  await inSlices(size, (from, to) => void ranges.push([from, to]), cost);
  return ranges;
}

describe('inSlices', () => {
  it('goes through every value once and in order, in slices of a power of two', async () => {
    const sizes = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.double({ min: SLICE / 8, max: 2 * SLICE, noNaN: true }),
        async (size, cost) => {
          const ranges = await rangesOf(size, cost);
          expect(
            ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)),
          ).toEqual(Array.from({ length: size }, (_, i) => i));
          for (const [from, to] of ranges.slice(0, -1)) expect(Math.log2(to - from) % 1).toBe(0);
        },
      ),
    );
  });

  it('does nothing for no values', async () => {
    expect(await rangesOf(0)).toEqual([]);
  });

  it('is shorter by the cost of a value', async () => {
    expect(await rangesOf(SLICE, 2)).toEqual([
      [0, SLICE / 2],
      [SLICE / 2, SLICE],
    ]);
  });

  it('has done what fits into one slice before it returns', async () => {
    let reached = 0;
    const done = inSlices(SLICE, (_, to) => {
      reached = to;
    });
    expect(reached).toBe(SLICE);
    await done;
  });

  it('gives the event loop a turn between two slices', async () => {
    const seen: string[] = [];
    setImmediate(() => seen.push('somebody else'));
    await inSlices(2 * SLICE, (from) => void seen.push(`from ${from}`));
    expect(seen).toEqual(['from 0', 'somebody else', `from ${SLICE}`]);
  });

  it('ends with the error of a slice', async () => {
    const failing = inSlices(2 * SLICE, (from) => {
      if (from > 0) throw new Error('second slice');
    });
    await expect(failing).rejects.toThrow('second slice');
  });
});
