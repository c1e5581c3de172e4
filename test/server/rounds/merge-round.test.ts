import { describe, expect, it } from 'vitest';
import { openContributions } from '../../../server/rounds/contributions.ts';
import { mergeRound } from '../../../server/rounds/merge-round.ts';
import { roundSums } from '../../../server/rounds/round-sums.ts';
import { memoryStore } from '../../../server/storage/memory.ts';
import { recoverState } from '../../../server/storage/recover.ts';
import { encoderBlock, JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { serverOptimizer } from '../../../shared/merge/server-optimizer.ts';
import {
  CT,
  declarationOf,
  FOUR_SITES,
  smallModel,
  smallStudy,
  updateFor,
} from '../../helpers/federation.ts';
import { runStudy, startCoordinator } from '../../helpers/run-study.ts';

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
      await sums.add([{ site: siteId(name), block: JOINT_BLOCK, share: 10, steps: 0, vector }]);
    }
    const contributions = openContributions(state.facts, state.open);
    const merged = await mergeRound(state.facts, state.open, contributions, {
      study: smallStudy(),
      sums,
      optimizer: serverOptimizer({ kind: 'fedavg' }),
      weights: async () => Float32Array.of(6),
      state: async () => undefined,
      keepsSums: false,
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

  // The next weights take the memory of the sums: a second merge must not read them as sums. Two weights of 1e30 would be
  // two coordinates of 1.9e9 each, longer than any sum.
  it('ends at the same bits where the disk was full in the middle of a merge', async () => {
    const study = smallStudy({ rounds: 1 });
    const initialBlocks = async () =>
      smallModel().map(({ layout, values }) => ({
        layout,
        values: layout.id === encoderBlock(CT) ? Float32Array.of(1e30, 1e30, 3) : values,
      }));
    const undisturbed = await runStudy({ study, initialBlocks });
    expect(undisturbed.reports[0]?.blocks.map(({ outcome }) => outcome.kind)).toEqual(
      Array(3).fill('merged'),
    );
    for (const failing of [1, 2, 3]) {
      const store = memoryStore();
      const { blobs } = store;
      let puts = 0;
      const put = async (bytes: Uint8Array) => {
        puts += 1;
        // Three blobs of the start come first.
        if (puts === 3 + failing) throw new Error('no space left on the device');
        return blobs.put(bytes);
      };
      const flaky = { ...store, blobs: { ...blobs, put } };
      const coordinator = await startCoordinator({ study, initialBlocks, store: flaky });
      for (const site of FOUR_SITES) await coordinator.declare(declarationOf(site));
      const refusals = await Promise.allSettled(
        FOUR_SITES.map(async ({ site }) => {
          const task = await coordinator.awaitInstruction(site, new AbortController().signal);
          if (task.kind !== 'train') throw new Error(`expected a training task, got ${task.kind}`);
          return coordinator.submitUpdate(updateFor(site, task));
        }),
      );
      expect(refusals.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      await coordinator.tick();
      expect((await coordinator.result()).modelHash).toBe(undisturbed.result.modelHash);
    }
  });
});
