import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SiteCohort } from '../../client/data/cohort.ts';
import type { TrainOutcome } from '../../client/training/site-trainer.ts';
import { type TrainingPool, trainingPool } from '../../client/training/training-pool.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { noAssets } from '../../shared/study/assets.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import { unimodal } from '../../simulations/baselines/unimodal.ts';
import { runFederation } from '../../simulations/engine/federation.ts';
import { type RunStore, transientStorage } from '../../simulations/engine/run-store.ts';
import { runBaseline } from '../../simulations/engine/run-track.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { CT, HOSPITALS, hospitalCohorts, LABS } from '../helpers/small-hospitals.ts';

vi.setConfig({ testTimeout: 120_000 });

const STUDY = parseStudy(
  `
study: followed
seed: 5
task: { kind: survival, time: days, event: died }
modalities:
  ct: { kind: tabular, features: [density, volume] }
  labs: { kind: tabular, features: [sodium, glucose] }
model: { embedding: 4, encoder: { hidden: [6] } }
training: { rounds: 2, epochs: 1, batch: 16, weightDecay: 0, proximal: 0 }
merge: { minHolders: 2, minPatients: 1 }
evaluation: { split: { test: 0.2, validation: 0.2 }, minCell: 1 }
`,
  'followed.yaml',
);

/** The small hospitals without the ECG, followed for a time; the named ones until nobody had an event. */
function followed(...without: readonly string[]): SiteCohort[] {
  const hospitals = HOSPITALS.map((each) => ({ ...each, holds: each.holds.filter((id) => id !== 'ecg') }));
  return hospitalCohorts(hospitals).map((cohort) => {
    const random = seededRandom('follow-up', cohort.site);
    const time = Float64Array.from(cohort.patientIds, () => 1 + Math.floor(300 * random.uniform()));
    const event = Uint8Array.from(time, (_, i) => (without.includes(cohort.site) ? 0 : i % 2));
    return { ...cohort, labels: { kind: 'survival', time, event } };
  });
}

/** The pool, with what each site's training came to. */
function watched(outcomes: Map<string, TrainOutcome[]>): TrainingPool {
  return {
    ...pool,
    async open(study, cohort) {
      const seat = await pool.open(study, cohort);
      return {
        ...seat,
        async train(request) {
          const outcome = await seat.train(request);
          // Copies: the vectors are the receiver's.
          const updates = outcome.updates.map((each) => ({ ...each, vector: each.vector.slice() }));
          outcomes.set(cohort.site, [...(outcomes.get(cohort.site) ?? []), { ...outcome, updates }]);
          return outcome;
        },
      };
    },
  };
}

let pool: TrainingPool;
beforeAll(async () => {
  pool = await trainingPool({ workers: 1, backend: 'wasm' });
});
afterAll(() => pool.close());

const common = { scenario: CALM, signal: new AbortController().signal };

describe('survival without an event', () => {
  it('at one site: it sends a change of zero, and nothing is NaN', async () => {
    const outcomes = new Map<string, TrainOutcome[]>();
    const model = await runFederation({
      ...common,
      study: STUDY,
      cohorts: followed('east'),
      pool: watched(outcomes),
      storage: transientStorage('last-three'),
    });
    const moved = (site: string) =>
      outcomes.get(site)?.map(({ updates }) => updates.some(({ vector }) => vector.some((q) => q !== 0)));
    expect(moved('east')).toEqual([false, false]);
    expect(outcomes.get('east')?.map(({ loss }) => loss)).toEqual([0, 0]);
    expect(moved('north')).toEqual([true, true]);
    for (const values of model.blocks.values()) expect(values.every(Number.isFinite)).toBe(true);
    expect(model.rounds.map(({ outcome }) => outcome)).toEqual(['committed', 'committed']);
    for (const { loss } of model.rounds) expect(loss).toBeGreaterThan(0);
  });

  it('at all sites: the study is refused before it trains, with what to do', async () => {
    const run = runFederation({
      ...common,
      study: STUDY,
      cohorts: followed('north', 'south', 'east', 'west'),
      pool,
      storage: transientStorage('last-three'),
    });
    await expect(run).rejects.toMatchObject({
      code: 'NO_EVENT',
      message: expect.stringMatching(
        /^study followed: census: expected an event \(died\) .*, got none of \d+ patients at .*west\)$/,
      ),
      hint: expect.stringContaining('event column'),
    });
  });

  it('at all holders of one modality: that baseline is a row with its reason, and the others go on', async () => {
    const records = new Map<string, unknown>();
    const store: RunStore = {
      bindData: async () => undefined,
      load: async () => undefined,
      save: async (key, record) => void records.set(key, record),
      durable: () => expect.unreachable('a baseline has no durable state'),
      discard: async () => undefined,
    };
    const seeded = { study: STUDY, cohorts: followed('north', 'south') };
    const options = { ...common, pool, store, assets: noAssets, track: 'main', subsets: [[CT, LABS]] };
    const record = await runBaseline(unimodal(CT), seeded, options);
    expect(record).toMatchObject({ kind: 'impossible', reason: expect.stringContaining('none of') });
    expect(records.get('main.unimodal:ct.5')).toEqual(record);
    expect(await runBaseline(unimodal(LABS), seeded, options)).toMatchObject({ kind: 'ran' });
  });
});
