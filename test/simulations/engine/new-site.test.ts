import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteCohort } from '../../../client/data/cohort.ts';
import type { TrainingPool } from '../../../client/training/training-pool.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { noAssets } from '../../../shared/study/assets.ts';
import { baselinesByName, baselinesFor } from '../../../simulations/baselines/registry.ts';
import { holdOut } from '../../../simulations/cohorts/hold-out.ts';
import { inlinePool } from '../../../simulations/engine/inline-pool.ts';
import type { RunRecord } from '../../../simulations/engine/run-record.ts';
import { type RunStore, runStore } from '../../../simulations/engine/run-store.ts';
import { runBaseline, runStudy } from '../../../simulations/engine/run-track.ts';
import { CALM } from '../../../simulations/engine/scenario.ts';
import { CT, hospitalCohorts, hospitalStudy, LABS } from '../../helpers/small-hospitals.ts';

const NEW = siteId('south');
// East alone records an ECG; leaving south out takes no modality away.
const STUDY = hospitalStudy('training.rounds=2', 'merge.minHolders=1');
const COHORTS = holdOut(hospitalCohorts(), NEW);
const SUBSETS = [STUDY.modalities.map(({ id }) => id), [LABS], [CT]];

/** The new site's labels turned round; its patients and the others are the same. */
const TURNED = COHORTS.map((cohort) =>
  cohort.site === NEW && cohort.labels.kind === 'class'
    ? { ...cohort, labels: { ...cohort.labels, values: cohort.labels.values.map((label) => 1 - label) } }
    : cohort,
);

let inner: TrainingPool;
let folder: string;
let runs = 0;
beforeAll(async () => {
  inner = await inlinePool();
  folder = await mkdtemp(join(tmpdir(), 'new-site-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a strategy, and tells whom it trained on, and which sites evaluated a round or kept something of it. */
async function run(name: string, cohorts: readonly SiteCohort[] = COHORTS) {
  const trained = new Set<string>();
  const tookPart = new Set<string>();
  const pool: TrainingPool = {
    ...inner,
    async open(study, cohort) {
      const seat = await inner.open(study, cohort);
      return {
        ...seat,
        train(request) {
          for (const patient of cohort.patientIds) trained.add(patient.slice(patient.lastIndexOf('/') + 1));
          return seat.train(request);
        },
        evaluate(request) {
          tookPart.add(cohort.site);
          return seat.evaluate(request);
        },
      };
    },
  };
  const onDisk = await runStore(join(folder, String(runs++)), { identity: name, mode: 'fresh' });
  const store: RunStore = {
    ...onDisk,
    async durable(key, retention) {
      const storage = await onDisk.durable(key, retention);
      return {
        ...storage,
        memory(site) {
          tookPart.add(site);
          return storage.memory(site);
        },
      };
    },
  };
  const options = {
    ...{ pool, store, scenario: CALM, assets: noAssets, track: 't', subsets: SUBSETS },
    signal: new AbortController().signal,
  };
  const seeded = { study: STUDY, cohorts };
  const [baseline] = name === 'study' ? [] : baselinesByName(STUDY, [name]);
  const record =
    baseline === undefined
      ? (await runStudy(seeded, options)).record
      : await runBaseline(baseline, seeded, options);
  return { record, trained, tookPart };
}

function testOf(record: RunRecord) {
  if (record.kind !== 'ran') throw new Error(record.reason);
  return record.test.find(({ site }) => site === NEW)?.subsets ?? [];
}

const STRATEGIES = ['study', ...baselinesFor(STUDY).map(({ name }) => name)];
/** It is about what the new site's own labels would be worth. */
const OWN_LABELS = ['local-cross-fitted'];
/** Chosen by the test labels, and said to be. */
const HINDSIGHT = ['transfer-in-hindsight'];

describe('a site that is left out', () => {
  it.each(STRATEGIES.filter((name) => !OWN_LABELS.includes(name)))(
    'trains nothing and evaluates no round: %s',
    async (name) => {
      const { trained, tookPart } = await run(name);
      expect([...trained].filter((patient) => patient.startsWith('south-'))).toEqual([]);
      expect([...tookPart]).not.toContain(NEW);
    },
  );

  it.each(STRATEGIES.filter((name) => ![...OWN_LABELS, ...HINDSIGHT].includes(name)))(
    'is told the same whatever its labels are: %s',
    async (name) => {
      const [own, turned] = [await run(name), await run(name, TURNED)];
      if (own.record.kind === 'impossible') {
        expect(turned.record.kind).toBe('impossible');
        return;
      }
      expect(testOf(own.record)[0]?.patients).toHaveLength(30);
      expect(testOf(turned.record)).toEqual(testOf(own.record));
    },
  );

  it('sends nothing: no round has a contribution of it or misses it', async () => {
    const { record } = await run('study');
    const rounds = record.kind === 'ran' ? (record.model?.rounds ?? []) : [];
    expect(rounds).toHaveLength(2);
    const named = rounds.flatMap(({ blocks, missing }) => [
      ...blocks.flatMap(({ contributors }) => contributors),
      ...missing.map(({ site }) => site),
    ]);
    expect(named).toContain('north');
    expect(named).not.toContain(NEW);
  });

  it('judges itself by folds: each patient by a model that did not see it, and that saw nobody else’s', async () => {
    const { record, trained } = await run('local-cross-fitted');
    expect([...trained].filter((patient) => !patient.startsWith('south-'))).toEqual([]);
    const [full] = testOf(record);
    expect(full?.patients).toEqual(Int32Array.from({ length: 30 }, (_, i) => i));
    expect(new Set(full?.scores).size).toBeGreaterThan(5);
  });
});
