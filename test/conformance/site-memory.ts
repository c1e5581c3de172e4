import { describe, expect, it } from 'vitest';
import type { Retention, SiteMemory } from '../../client/storage/site-memory.ts';
import { type BlockId, encoderBlock, modalityId, SITE_BLOCK } from '../../shared/core/ids.ts';

const CT = encoderBlock(modalityId('ct'));

/** The site's blocks of a round, recognizable by their one value. */
function blocks(value: number): ReadonlyMap<BlockId, Float32Array> {
  return new Map([[SITE_BLOCK, Float32Array.of(value)]]);
}

/** What every site memory must do. `open` gives an empty one each time. */
export function siteMemoryConformance(name: string, open: (retention: Retention) => SiteMemory): void {
  const valueAfter = async (memory: SiteMemory, round: number) =>
    (await memory.after(round)).get(SITE_BLOCK)?.[0];
  const saved = async (retention: Retention, ...rounds: number[]) => {
    const memory = open(retention);
    for (const round of rounds) await memory.save(round, blocks(round));
    return memory;
  };

  describe(`${name} as a site memory`, () => {
    it('is empty before anything was saved, and before the first round that was', async () => {
      const memory = open('last-three');
      expect((await memory.after(7)).size).toBe(0);
      await memory.save(3, blocks(3));
      expect((await memory.after(2)).size).toBe(0);
    });

    it('answers with the latest round up to the one asked', async () => {
      const memory = await saved('all', 1, 4, 6);
      const answers = await Promise.all([1, 2, 3, 4, 5, 6, 99].map((round) => valueAfter(memory, round)));
      expect(answers).toEqual([1, 1, 1, 4, 4, 6, 6]);
    });

    // Seven digits on purpose: as text, 1000000 comes before 999999.
    it('orders rounds as numbers', async () => {
      const memory = await saved('all', 9, 10, 999_999, 1_000_000);
      expect(await valueAfter(memory, 99)).toBe(10);
      expect(await valueAfter(memory, 9)).toBe(9);
      expect(await valueAfter(memory, 2_000_000)).toBe(1_000_000);
    });

    it('answers alike for the round before, whatever is saved for the round meanwhile', async () => {
      const memory = await saved('last-three', 1, 2);
      for (const value of [3, 33, 333]) {
        await memory.save(3, blocks(value));
        expect(await valueAfter(memory, 2)).toBe(2);
        expect(await valueAfter(memory, 3)).toBe(value);
      }
    });

    it('forgets later rounds when it is taken back to an earlier one', async () => {
      const memory = await saved('all', 1, 2, 3, 4);
      await memory.save(2, blocks(22));
      expect(await valueAfter(memory, 99)).toBe(22);
      expect(await valueAfter(memory, 1)).toBe(1);
    });

    it('forgets later rounds with last-three as well, and keeps the one before', async () => {
      const memory = await saved('last-three', 1, 2, 3);
      await memory.save(2, blocks(22));
      expect(await valueAfter(memory, 99)).toBe(22);
    });

    it('keeps every round where every round may be published', async () => {
      const memory = await saved('all', ...Array.from({ length: 12 }, (_, i) => i + 1));
      expect(await valueAfter(memory, 1)).toBe(1);
    });

    // Two failed rounds in a row leave the model of the round before them: that round's blocks are needed still.
    it('keeps the last three and no more where only the last is published', async () => {
      const memory = await saved('last-three', 1, 2, 3, 4);
      expect((await memory.after(1)).size).toBe(0);
      expect(await valueAfter(memory, 2)).toBe(2);
      expect(await valueAfter(memory, 3)).toBe(3);
    });

    it('tells an empty round from none', async () => {
      const memory = await saved('all', 1);
      await memory.save(2, new Map());
      expect((await memory.after(2)).size).toBe(0);
      expect(await valueAfter(memory, 1)).toBe(1);
    });

    it('gives back every bit, block by block', async () => {
      // The smallest denormal, minus zero, the largest float and a NaN: what a text form would lose.
      const odd = Float32Array.of(2 ** -149, -0, 3.4028234663852886e38, Number.NaN, 0.1);
      const memory = open('last-three');
      await memory.save(
        1,
        new Map([
          [CT, odd],
          [SITE_BLOCK, Float32Array.of(1, 2)],
        ]),
      );
      const back = await memory.after(1);
      expect([...back.keys()]).toEqual([CT, SITE_BLOCK]);
      const bits = (values: Float32Array | undefined) =>
        values && [...new Uint32Array(values.slice().buffer)];
      expect(bits(back.get(CT))).toEqual(bits(odd));
      expect(bits(back.get(SITE_BLOCK))).toEqual(bits(Float32Array.of(1, 2)));
    });

    it('stores a view, not the buffer behind it', async () => {
      const memory = open('last-three');
      await memory.save(1, new Map([[SITE_BLOCK, Float32Array.of(9, 1, 2, 9).subarray(1, 3)]]));
      expect([...((await memory.after(1)).get(SITE_BLOCK) ?? [])]).toEqual([1, 2]);
    });
  });
}
