import { describe, expect, it } from 'vitest';
import type { TrainingPool } from '../../../client/training/training-pool.ts';
import { tf } from '../../../shared/compute/tf.ts';
import { garbageCollector } from '../../../simulations/benchmarks/memory-watch.ts';
import { type SoakOptions, soakStudy } from '../../../simulations/benchmarks/soak-benchmark.ts';
import { tabularTaskCohorts } from '../../../simulations/cohorts/tabular-task.ts';
import { runFederation } from '../../../simulations/engine/federation.ts';
import { inlinePool } from '../../../simulations/engine/inline-pool.ts';
import { transientStorage } from '../../../simulations/engine/run-store.ts';
import { CALM } from '../../../simulations/engine/scenario.ts';
import { watchedPool } from '../../helpers/watched-pool.ts';

const ROUNDS = 8;

/** One process, one federation. */
function run(pool: TrainingPool, engine: SoakOptions['engine'], onRound: () => void): Promise<unknown> {
  return runFederation({
    study: soakStudy(ROUNDS, engine),
    cohorts: tabularTaskCohorts({ seed: 1, sites: 3, patientsPerSite: 12 }),
    scenario: CALM,
    pool,
    storage: transientStorage('last-three'),
    signal: new AbortController().signal,
    onRound,
  });
}

/** Tensors that were ever made. */
function made(): number {
  const tensor = tf.scalar(0);
  tensor.dispose();
  return tensor.id;
}

describe('rounds in one process', () => {
  it('R14: leave no tensor behind', async () => {
    const tensors: number[] = [];
    const before = made();
    await run(await inlinePool(), 'wasm', () => tensors.push(tf.memory().numTensors));
    expect(made() - before).toBeGreaterThan(100 * ROUNDS);
    expect(tensors).toHaveLength(ROUNDS);
    expect(new Set(tensors).size).toBe(1);
  });

  // The memory of an update becomes that of the next weights, of which the last two versions are kept.
  it('R14: hold no update of longer ago than the last two', async () => {
    const updates: { readonly round: number; readonly vector: WeakRef<Int32Array> }[] = [];
    const pool = watchedPool(await inlinePool(), (round, outcome) => {
      for (const { vector } of outcome.updates) updates.push({ round, vector: new WeakRef(vector) });
    });
    await run(pool, 'plain', () => undefined);
    // A WeakRef holds what it is of until its turn of the event loop ends, and the rounds were one.
    await new Promise((resolve) => setImmediate(resolve));
    garbageCollector()();
    const held = updates.filter(({ round, vector }) => round < ROUNDS - 1 && vector.deref() !== undefined);
    expect(updates.length).toBeGreaterThan(3 * ROUNDS);
    expect(held.map(({ round }) => round)).toEqual([]);
  });
});
