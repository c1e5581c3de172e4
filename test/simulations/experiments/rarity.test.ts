import { describe, expect, it } from 'vitest';
import { inlinePool } from '../../../simulations/engine/inline-pool.ts';
import { rarityExperiment } from '../../../simulations/experiments/rarity.ts';

const design = { holders: [2, 4, 12], betas: [0, 1], seeds: [1, 3] };

async function run(signal = new AbortController().signal) {
  return rarityExperiment({ pool: await inlinePool(), signal, design });
}

describe('rarity experiment', () => {
  const first = run();

  it('reaches the rarity that the design asks for', async () => {
    const { points } = await first;
    const wanted = design.holders.flatMap((holders) => Array.from({ length: 4 }, () => holders / 12));
    expect(points.map(({ rarity }) => rarity)).toEqual(wanted);
  });

  it('gives the same points for the same seeds', async () => {
    expect(await run()).toEqual(await first);
  });

  it('needs no fewer rounds with beta 1 than with beta 0, and far more where the modality is rarest', async () => {
    const { points } = await first;
    const meanRounds = (holders: number, beta: number) => {
      const own = points.filter(
        (point) => point.beta === beta && Math.abs(point.rarity * 12 - holders) < 0.5,
      );
      return own.reduce((sum, { rounds }) => sum + (rounds ?? Number.POSITIVE_INFINITY), 0) / own.length;
    };
    for (const holders of design.holders)
      expect(meanRounds(holders, 1)).toBeGreaterThanOrEqual(meanRounds(holders, 0));
    expect(meanRounds(2, 1)).toBeGreaterThan(3 * meanRounds(2, 0));
    expect(meanRounds(12, 1)).toBe(meanRounds(12, 0));
  });

  it('stops on request', async () => {
    await expect(run(AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
