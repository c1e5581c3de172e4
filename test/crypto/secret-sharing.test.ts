import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secureRandom } from '../../shared/crypto/random.ts';
import { combineShares, splitSecret } from '../../shared/crypto/secret-sharing.ts';
import { slowCombine } from '../reference/slow-shamir.ts';

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

describe('splitSecret', () => {
  it('gives each sharer 33 bytes with an x of its own, never 0, up to 255 of them', async () => {
    const shares = await splitSecret(SECRET, { shares: 255, threshold: 171 });
    expect(shares.map((share) => share.length)).toEqual(new Array(255).fill(33));
    const sorted = shares.map(xOf).sort((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length: 255 }, (_, i) => i + 1));
  });

  // Two draws of 20 of 255 numbers in the same order: less than one in 10^40.
  it('draws x anew for each split', async () => {
    const options = { shares: 20, threshold: 14 };
    const [one, other] = [await splitSecret(SECRET, options), await splitSecret(SECRET, options)];
    expect(one.map(xOf)).not.toEqual(other.map(xOf));
  });

  it('takes a secret that lies in a Buffer, and leaves it as it was', async () => {
    const secret = Buffer.from(SECRET);
    const shares = await splitSecret(secret, { shares: 3, threshold: 3 });
    expect(await combineShares(shares)).toEqual(SECRET);
    expect(Uint8Array.from(secret)).toEqual(SECRET);
  });

  // S23. A run is one byte: 3,200 secrets of 32 bytes are 102,400 runs, since each byte has a polynomial of its own. With
  // t − 1 shares the best guess at a byte is the polynomial through them alone; it must be uniform, the byte itself included.
  // Mean per cell 400; chi-square has 255 degrees of freedom, and passes 400 once in 5 · 10^7 tests.
  it('tells whoever has all but one of the needed shares nothing', async () => {
    const secret = new Uint8Array(32).fill(42);
    const guesses = await countBytes(3200, async () => {
      const [first, second] = await splitSecret(secret, { shares: 3, threshold: 3 });
      return combineShares([first as Uint8Array, second as Uint8Array]);
    });
    expect(chiSquare(guesses)).toBeLessThan(400);
  });

  it('tells whoever has one share nothing', async () => {
    const secret = new Uint8Array(32).fill(42);
    const values = await countBytes(3200, async () => {
      const [share] = await splitSecret(secret, { shares: 5, threshold: 2 });
      return (share as Uint8Array).subarray(0, 32);
    });
    expect(chiSquare(values)).toBeLessThan(400);
  });

  it.each([
    [1, 1],
    [256, 171],
    [3, 1],
    [3, 4],
    [3.5, 3],
    [3, Number.NaN],
  ])('refuses %d shares with a threshold of %d', async (shares, threshold) => {
    await expect(splitSecret(SECRET, { shares, threshold })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it.each([0, 31, 33])('refuses a secret of %i bytes', async (length) => {
    const split = splitSecret(new Uint8Array(length), { shares: 3, threshold: 3 });
    await expect(split).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('combineShares', () => {
  // 7 sharers, t = 5: 21 subsets.
  it('gives the secret from every subset of as many shares as needed, in any order', async () => {
    const secret = secureRandom.bytes(32);
    const shares = await splitSecret(secret, { shares: 7, threshold: 5 });
    const chosen = subsets(shares, 5);
    expect(chosen.length).toBe(21);
    for (const subset of chosen) {
      expect(await combineShares(subset)).toEqual(secret);
      expect(await combineShares([...subset].reverse())).toEqual(secret);
    }
  });

  it('gives the secret from more shares than needed, and all equal subsets by another way of reckoning', async () => {
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const sizes = fc.integer({ min: 2, max: 12 }).chain((shares) =>
      fc.record({
        shares: fc.constant(shares),
        threshold: fc.integer({ min: 2, max: shares }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(secret, sizes, async (bytes, options) => {
        const shares = await splitSecret(bytes, options);
        expect(await combineShares(shares)).toEqual(bytes);
        expect(slowCombine(shares.slice(-options.threshold))).toEqual(bytes);
      }),
      { numRuns: 20 },
    );
  });

  it('gives other bytes, and says nothing, with a share too few or one damaged', async () => {
    const shares = await splitSecret(SECRET, { shares: 4, threshold: 3 });
    expect(await combineShares(shares.slice(0, 2))).not.toEqual(SECRET);
    const damaged = shares.map((share, i) =>
      i === 0 ? share.map((byte, at) => byte ^ Number(at === 5)) : share,
    );
    expect(await combineShares(damaged.slice(0, 3))).not.toEqual(SECRET);
  });

  it('refuses fewer than two shares and more than there are points', async () => {
    const [share] = await splitSecret(SECRET, { shares: 2, threshold: 2 });
    for (const count of [0, 1, 256]) {
      const combined = combineShares(new Array<Uint8Array>(count).fill(share as Uint8Array));
      await expect(combined).rejects.toMatchObject({ code: 'INTERNAL' });
    }
  });

  it('refuses shares of another length', async () => {
    const [first, second] = await splitSecret(SECRET, { shares: 2, threshold: 2 });
    for (const odd of [new Uint8Array(0), (first as Uint8Array).subarray(1), new Uint8Array(34).fill(1)]) {
      const combined = combineShares([odd, second as Uint8Array]);
      await expect(combined).rejects.toMatchObject({ code: 'WIRE_INVALID' });
    }
  });

  it('refuses two shares with the same x', async () => {
    const [first, second] = await splitSecret(SECRET, { shares: 2, threshold: 2 });
    const twin = Uint8Array.of(...(second as Uint8Array).subarray(0, 32), xOf(first as Uint8Array));
    await expect(combineShares([first as Uint8Array, twin])).rejects.toMatchObject({ code: 'WIRE_INVALID' });
  });

  // At x = 0 the polynomial is the secret itself: that share alone would be the result.
  it('refuses a share at x = 0', async () => {
    const [first] = await splitSecret(SECRET, { shares: 2, threshold: 2 });
    const combined = combineShares([new Uint8Array(33), first as Uint8Array]);
    await expect(combined).rejects.toMatchObject({ code: 'WIRE_INVALID' });
  });
});

function xOf(share: Uint8Array): number {
  return share[32] as number;
}

function subsets<Item>(items: readonly Item[], size: number): Item[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

async function countBytes(runs: number, draw: () => Promise<Uint8Array>): Promise<number[]> {
  const counts = new Array<number>(256).fill(0);
  for (let run = 0; run < runs; run++) {
    for (const byte of await draw()) counts[byte] = (counts[byte] as number) + 1;
  }
  return counts;
}

/** Against the uniform distribution over the cells. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
