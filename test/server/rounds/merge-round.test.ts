import { describe, expect, it } from 'vitest';
import { serverOptimizer } from '../../../server/aggregation/server-optimizer.ts';
import { mergeRound } from '../../../server/rounds/merge-round.ts';
import { roundSums } from '../../../server/rounds/round-sums.ts';
import { memoryStore } from '../../../server/storage/memory.ts';
import { recoverState } from '../../../server/storage/recover.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { declarationOf, FOUR_SITES, smallStudy } from '../../helpers/federation.ts';
import { startCoordinator } from '../../helpers/run-study.ts';

describe('mergeRound', () => {
  // No checked update can lead here; it is what stands between a fault of our own, or a masked sum, and the model.
  it('keeps a block whose sum is not what honest sites send', async () => {
    const store = memoryStore();
    const coordinator = await startCoordinator({ store });
    for (const site of FOUR_SITES) await coordinator.declare(declarationOf(site));
    const state = await recoverState(store);
    if (state.phase !== 'training') throw new Error('expected an open round');
    const sums = roundSums({ keep: false });
    for (const name of ['site-a', 'site-b']) {
      const vector = Int32Array.of(1000);
      sums.add([{ site: siteId(name), block: JOINT_BLOCK, share: 10, steps: 0, vector }]);
    }
    const merged = await mergeRound(state.facts, state.open, {
      study: smallStudy(),
      sums,
      optimizer: serverOptimizer({ kind: 'fedavg' }),
      weights: async () => Float32Array.of(6),
      state: async () => undefined,
      store: async () => {
        throw new Error('nothing is to be stored');
      },
    });
    expect(merged.outcome).toBe('failed');
    expect(merged.blocks.find(({ block }) => block === JOINT_BLOCK)?.outcome).toMatchObject({
      kind: 'kept',
      reason: 'out-of-range',
      detail: expect.stringContaining('coordinate of 2000'),
    });
  });
});
