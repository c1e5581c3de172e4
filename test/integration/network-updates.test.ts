import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainOutcome } from '../../client/training/site-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { releaseBlock } from '../../client/update/release.ts';
import type { StudyResult } from '../../server/rounds/study-result.ts';
import { type SiteId, siteId } from '../../shared/core/ids.ts';
import { type HospitalNetwork, hospitalNetwork, SITES } from '../helpers/hospital-network.ts';

const [EAST, NORTH, SOUTH, WEST] = ['east', 'north', 'south', 'west'].map(siteId) as [
  SiteId,
  SiteId,
  SiteId,
  SiteId,
];

/** Has trained the weights that are given instead of its own, and sends them the way of all updates. */
function withWeights(
  pool: TrainingPool,
  round: number,
  after: (weight: number, i: number, size: number) => number,
): TrainingPool {
  return inRound(pool, round, (outcome, blocks, release) => ({
    ...outcome,
    updates: outcome.updates.map(({ block }) => {
      const before = blocks.get(block) as Float32Array;
      const terms = release.get(block);
      if (terms === undefined) throw new Error(`${block} was not asked for`);
      const weights = before.map((weight, i) => after(weight, i, before.length));
      return releaseBlock({ block, before, after: weights, steps: 1 }, { ...terms, perStep: false });
    }),
  }));
}

type Request = Parameters<Awaited<ReturnType<TrainingPool['open']>>['train']>[0];

function inRound(
  pool: TrainingPool,
  round: number,
  change: (outcome: TrainOutcome, blocks: Request['blocks'], release: Request['release']) => TrainOutcome,
): TrainingPool {
  return {
    ...pool,
    async open(...study) {
      const seat = await pool.open(...study);
      return {
        ...seat,
        async train(request) {
          const outcome = await seat.train(request);
          return request.round === round ? change(outcome, request.blocks, request.release) : outcome;
        },
      };
    },
  };
}

let network: HospitalNetwork;
let result: StudyResult;
beforeAll(async () => {
  network = await hospitalNetwork();
  const { coordinator, daemon, result: ended } = await network.start();
  const { pool } = network;
  const pools: Readonly<Record<string, TrainingPool>> = {
    north: withWeights(pool, 1, (_weight, _i, size) => 1e30 / Math.sqrt(size)),
    south: withWeights(pool, 1, (weight, i) => (i % 2 === 0 ? weight + 1e-40 : weight === 0 ? -0 : weight)),
    west: withWeights(pool, 2, (weight, i) => (i === 0 ? Number.NaN : weight)),
    east: inRound(pool, 3, (outcome) => ({
      ...outcome,
      updates: outcome.updates.map((update) => ({ ...update, vector: update.vector.map(() => 2 ** 31 - 1) })),
    })),
  };
  await Promise.all(SITES.map((site) => daemon(site, { pool: pools[site] ?? pool })));
  result = await ended();
  await coordinator.stop(100);
});
afterAll(() => network.remove());

const reportOf = (round: number) => result.reports[round - 1];
const contributors = (round: number) => reportOf(round)?.blocks.flatMap((block) => block.contributors);

describe('an update', () => {
  it('W17: of norm 1e30 is clipped before it leaves, and moves the model by no more than any other', () => {
    expect(contributors(1)).toContain(NORTH);
    const merged = reportOf(1)?.blocks.filter(({ outcome }) => outcome.kind === 'merged') ?? [];
    expect(merged.length).toBeGreaterThan(0);
    for (const { clipped, outcome } of merged) {
      expect(clipped).toBeGreaterThan(0);
      // The clip of the study is 10 for every block.
      expect(outcome.kind === 'merged' && outcome.deltaNorm).toBeLessThanOrEqual(10);
    }
  });

  it('W17: of -0, of denormals and of no change at all is taken', () => {
    expect(contributors(1)).toContain(SOUTH);
  });

  it('W17: that is not finite never leaves its site, which declines the round', () => {
    expect(reportOf(2)).toMatchObject({
      outcome: 'committed',
      missing: [{ site: WEST, reason: 'declined' }],
    });
  });

  it('W17: of numbers beyond its clip is refused by name, and the round goes on without it', () => {
    expect(reportOf(3)).toMatchObject({
      outcome: 'committed',
      missing: [{ site: EAST, reason: expect.stringMatching(/^refused: .*(joint|encoder)/) }],
    });
    expect(contributors(3)).not.toContain(EAST);
    expect(result.status).toEqual({ kind: 'complete' });
  });
});
