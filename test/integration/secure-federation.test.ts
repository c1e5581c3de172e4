import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TrainingPool, trainingPool } from '../../client/training/training-pool.ts';
import { encoderBlock, JOINT_BLOCK, siteId } from '../../shared/core/ids.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Study } from '../../shared/study/study.ts';
import { type FederationOptions, runFederation } from '../../simulations/engine/federation.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { CT, hospitalCohorts, hospitalStudy, LABS } from '../helpers/small-hospitals.ts';

let pool: TrainingPool;
beforeAll(async () => {
  pool = await trainingPool({ workers: 2, backend: 'wasm' });
});
afterAll(() => pool.close());

function run(study: Study, options: Partial<FederationOptions> = {}) {
  return runFederation({
    study,
    cohorts: hospitalCohorts(),
    scenario: CALM,
    pool,
    storage: transientStorage('last-three'),
    signal: new AbortController().signal,
    ...options,
  });
}

/** Four hospitals: three are the fewest that may be summed. */
function studyWith(secureAggregation: boolean): Study {
  const study = hospitalStudy();
  return {
    ...study,
    merge: { ...study.merge, minHolders: 3, weights: 'bucketed' },
    privacy: { ...study.privacy, secureAggregation },
  };
}

describe('a federation with secure aggregation', () => {
  it('ends with the model of the same federation without it, bit for bit', async () => {
    const [plain, secure] = [await run(studyWith(false)), await run(studyWith(true))];
    expect(secure.modelHash).toBe(plain.modelHash);
    expect(secure.rounds.map(({ outcome, missing }) => [outcome, missing])).toEqual(
      plain.rounds.map(({ outcome, missing }) => [outcome, missing]),
    );
  });

  it('reports who survived, how many were clipped, and the loss of the sum', async () => {
    const [plain, secure] = [await run(studyWith(false)), await run(studyWith(true))];
    for (const [i, round] of secure.rounds.entries()) {
      const same = plain.rounds[i];
      expect(
        round.blocks.map(({ block, contributors, clipped }) => ({ block, contributors, clipped })),
      ).toEqual(same?.blocks.map(({ block, contributors, clipped }) => ({ block, contributors, clipped })));
      // Weighted by powers of two instead of patients.
      expect(Math.abs((round.loss ?? 0) - (same?.loss ?? 0))).toBeLessThan(0.2);
    }
  });

  it('scores rounds by sums over all sites alone, as the sites themselves would report', async () => {
    const [plain, secure] = [await run(studyWith(false)), await run(studyWith(true))];
    for (const [i, { validationScore }] of secure.rounds.entries()) {
      // Scores stand on a grid of 2^-28, and an AUROC is a ratio of counts.
      expect(validationScore).toBeCloseTo(plain.rounds[i]?.validationScore ?? Number.NaN, 8);
    }
  });

  it('ends where the coordinator comes to another model than the sites do (S7)', async () => {
    const study = studyWith(true);
    const size = studyLayouts(study).get(JOINT_BLOCK)?.size ?? 0;
    const storage = transientStorage('last-three');
    let stored = 0;
    const put = (bytes: Uint8Array) => {
      // Of the joint block: its start, then weights and sum of each round. Here, the weights of round 2.
      if (bytes.length === 4 * size) stored += 1;
      if (bytes.length !== 4 * size || stored !== 4) return storage.store.blobs.put(bytes);
      const flipped = Uint8Array.from(bytes);
      flipped[0] = (flipped[0] ?? 0) ^ 1;
      return storage.store.blobs.put(flipped);
    };
    const store = { ...storage.store, blobs: { ...storage.store.blobs, put } };
    await expect(run(study, { storage: { ...storage, store } })).rejects.toMatchObject({
      code: 'MODEL_CHAIN_BROKEN',
      message: expect.stringContaining('round 2: joint: weights'),
    });
  });

  it('goes on without a site that falls away, and keeps what too few are left of', async () => {
    const west = siteId('west');
    const scenario = { ...CALM, outages: [{ site: west, modality: undefined, from: 2, to: 2 }] };
    const [plain, secure] = [
      await run(studyWith(false), { scenario }),
      await run(studyWith(true), { scenario }),
    ];
    expect(secure.modelHash).toBe(plain.modelHash);
    const labs = secure.rounds.map(({ blocks }) => blocks.find(({ block }) => block === encoderBlock(LABS)));
    expect(labs.map((block) => block?.contributors.includes(west))).toEqual([true, false, true, true]);
    // West left in round 2 and came back in round 3: it alone makes the difference, twice.
    expect(labs.map((block) => block?.singleton)).toEqual([undefined, west, west, undefined]);
    expect(plain.rounds.flatMap(({ blocks }) => blocks.flatMap(({ singleton }) => singleton ?? []))).toEqual(
      [],
    );
    // Two holders of a CT are too few to be summed.
    const ct = secure.rounds.at(-1)?.blocks.find(({ block }) => block === encoderBlock(CT));
    expect(ct?.outcome.kind).toBe('kept');
  });
});
