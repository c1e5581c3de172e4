import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { thresholdOf } from '../../shared/secagg/threshold.ts';
import {
  type AskedStage,
  plainSum,
  play,
  STAGES,
  sessionOf,
  site,
  sumsOf,
  survivorsIn,
  type TestBlock,
} from '../helpers/secure-session.ts';

/** Sites, blocks with their holders and lengths, who falls silent when, and in which order messages arrive. */
const configuration = fc.record({
  sites: fc.integer({ min: 3, max: 9 }),
  seed: fc.integer(),
  blocks: fc.array(
    fc.record({
      holds: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
      length: fc.integer({ min: 0, max: 40 }),
      fill: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 7 }),
      kMin: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  gone: fc.array(fc.option(fc.constantFrom(...STAGES), { freq: 3 }), { minLength: 9, maxLength: 9 }),
  shuffle: fc.integer({ min: 0, max: 1000 }),
});

describe('a secure session', () => {
  it('sums what the survivors brought, bit for bit, whoever falls silent whenever and whatever order messages take', async () => {
    let complete = 0;
    await fc.assert(
      fc.asyncProperty(configuration, async ({ sites: count, blocks, gone, shuffle }) => {
        const sites = Array.from({ length: count }, (_, i) => site(i));
        const testBlocks: TestBlock[] = blocks.map(({ holds, length, fill, kMin }, b) => ({
          block: `encoder:m${b}` as BlockId,
          length,
          kMin,
          vectors: new Map(
            sites
              .filter((_, i) => holds[i])
              .map((id, i) => [
                id,
                Int32Array.from({ length }, (_, j) => (fill[(i + j) % fill.length] as number) + i),
              ]),
          ),
        }));
        // At most n - t silent in all, so that the rest can finish.
        const silent = sites
          .flatMap((id, i): [SiteId, AskedStage][] => (gone[i] ? [[id, gone[i] as AskedStage]] : []))
          .slice(0, count - thresholdOf(count));
        const session = sessionOf(sites, testBlocks);
        const order = (ids: readonly SiteId[]) => rotate(ids, shuffle);
        const state = await play(session, { gone: new Map(silent), order });
        if (state.stage === 'failed') return;
        complete++;
        const sums = await sumsOf(session, state);
        for (const [block, sum] of sums) {
          const survivors = survivorsIn(state, block);
          expect(survivors.length).toBeGreaterThanOrEqual(3);
          expect(sum).toEqual(plainSum(session, block, survivors));
        }
      }),
      { numRuns: Number(process.env['CONSILIUM_SESSIONS'] ?? 60) },
    );
    expect(complete).toBeGreaterThan(10);
  }, 120_000);
});

function rotate<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = items.length === 0 ? 0 : by % items.length;
  const turned = [...items.slice(at), ...items.slice(0, at)];
  return by % 2 === 0 ? turned : turned.reverse();
}
