import { beforeAll, describe, expect, it } from 'vitest';
import { declare } from '../../../client/data/census.ts';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import type { TrainingPool } from '../../../client/training/training-pool.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { seededRandom } from '../../../shared/core/random.ts';
import { initialBlocks } from '../../../shared/model/blocks.ts';
import { agreeCensus } from '../../../shared/protocol/census.ts';
import { studyHash } from '../../../shared/study/hash.ts';
import type { Study } from '../../../shared/study/study.ts';
import type { BaselinePlan, FederationRun } from '../../../simulations/baselines/baseline.ts';
import type { TrainedModel } from '../../../simulations/engine/federation.ts';
import { inlinePool } from '../../../simulations/engine/inline-pool.ts';
import { eligible, type SitePredictions } from '../../../simulations/engine/predictions.ts';
import { type PlanContext, rawScores, runPlan } from '../../../simulations/engine/run-plan.ts';
import { LABS, SCAN, type SmallPatient, smallCohort, smallStudy } from '../../helpers/small-study.ts';

const people = (
  count: number,
  part: 'train' | 'test' | 'validation',
  lacks?: 'labs' | 'scan',
): SmallPatient[] =>
  Array.from({ length: count }, (_, i) => ({
    part,
    label: i % 2,
    labs: lacks === 'labs' ? null : [i, i % 3],
    scan: lacks === 'scan' ? null : i * i,
  }));

const NORTH = smallCohort('north', [
  ...people(8, 'train'),
  ...people(3, 'test'),
  ...people(2, 'test', 'labs'),
  ...people(4, 'validation'),
]);
const SOUTH = smallCohort('south', [
  ...people(6, 'train'),
  ...people(2, 'test', 'scan'),
  ...people(4, 'validation'),
]);
const COHORTS = [NORTH, SOUTH];
const STUDY = smallStudy();
const SUBSETS = [[LABS, SCAN], [LABS], [SCAN]];

/** A model as before round 1, shaken by the study's seed: each says something else of each patient. */
function someModel(study: Study, cohorts: readonly SiteCohort[]): TrainedModel {
  const hash = studyHash(study);
  const census = agreeCensus(
    study,
    cohorts.map((cohort) => declare(study, hash, cohort, 1)),
  );
  const random = seededRandom(study.seed, 'shaken');
  const shaken = (values: Float32Array) => values.map((value) => value + 0.3 * random.normal());
  const blocks = new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, shaken(values)]));
  return { study, census, blocks, local: new Map(), modelHash: 'x', chosenRound: 0, rounds: [] };
}

const only = (study: Study, id: typeof LABS): Study => ({
  ...study,
  modalities: study.modalities.filter((modality) => modality.id === id),
});
const part = (predictions: readonly SitePredictions[], site: number, subset: number) =>
  predictions[site]?.subsets[subset];

let pool: TrainingPool;
beforeAll(async () => {
  pool = await inlinePool();
});

function context(judge: PlanContext['judge'] = () => 0) {
  const trained: string[] = [];
  const plan: PlanContext = {
    pool,
    cohorts: COHORTS,
    subsets: SUBSETS,
    async train(run: FederationRun, name) {
      trained.push(name);
      return someModel(run.study, run.cohorts);
    },
    judge,
  };
  return { context: plan, trained };
}

async function ran(plan: BaselinePlan, judge?: PlanContext['judge']) {
  const made = context(judge);
  const outcome = await runPlan(plan, made.context);
  if (outcome.kind !== 'ran') throw new Error('expected the plan to run');
  return { ...outcome, trained: made.trained };
}

const FEDERATION: Extract<BaselinePlan, { kind: 'federation' }> = {
  kind: 'federation',
  study: STUDY,
  cohorts: COHORTS,
  evaluateOn: COHORTS,
  fallback: [0.5],
};

describe('runPlan', () => {
  it('says why a plan is impossible, and trains nothing', async () => {
    const made = context();
    const plan = { kind: 'impossible', reason: 'nobody has everything' } as const;
    expect(await runPlan(plan, made.context)).toEqual(plan);
    expect(made.trained).toEqual([]);
  });

  it('scores exactly the patients that have something of the subset', async () => {
    const { test, validation, trained } = await ran(FEDERATION);
    expect(trained).toEqual(['federation']);
    for (const [c, cohort] of COHORTS.entries()) {
      for (const [s, subset] of SUBSETS.entries()) {
        expect(part(test, c, s)?.patients).toEqual(eligible(cohort, 'test', subset));
        expect(part(validation, c, s)?.patients).toEqual(eligible(cohort, 'validation', subset));
      }
    }
    // South's test patients have no scan.
    expect(part(test, 1, 2)?.patients).toHaveLength(0);
    for (const score of part(test, 0, 0)?.scores ?? []) expect(score).not.toBe(0.5);
  });

  it('falls back where the model knows none of a patient’s modalities', async () => {
    const study = only(STUDY, LABS);
    const { test } = await ran({ ...FEDERATION, study, fallback: [0.125] });
    // North's patients 8-10 have labs, 11 and 12 have none.
    const scores = [...(part(test, 0, 0)?.scores ?? [])];
    expect(scores.map((score) => score === 0.125)).toEqual([false, false, false, true, true]);
  });

  it('fills what is masked before it scores', async () => {
    const filled: string[][] = [];
    const fill = (cohort: SiteCohort) => {
      filled.push([...cohort.modalities.keys()]);
      // Everybody of north gets north's complete table.
      return cohort.site === siteId('north') ? NORTH : SOUTH;
    };
    const { test } = await ran({ ...FEDERATION, fill });
    // Two parts, three subsets, two sites: each is filled from its subset only.
    expect(filled).toHaveLength(12);
    expect(filled[0]).toEqual([LABS, SCAN]);
    expect(filled[2]).toEqual([LABS]);
    // The filled scan counts, though the subset is labs.
    expect(part(test, 0, 1)?.scores.subarray(0, 3)).toEqual(part(test, 0, 0)?.scores.subarray(0, 3));
  });

  it('gives every patient of a site its constant', async () => {
    const predictions = new Map([
      [siteId('north'), [0.25]],
      [siteId('south'), [0.75]],
    ]);
    const { test, model } = await ran({ kind: 'constant', predictions, evaluateOn: COHORTS });
    expect([...(part(test, 0, 0)?.scores ?? [])]).toEqual([0.25, 0.25, 0.25, 0.25, 0.25]);
    expect([...(part(test, 1, 0)?.scores ?? [])]).toEqual([0.75, 0.75]);
    expect(model).toBeUndefined();
  });

  it('averages the members over those that a patient has', async () => {
    const members = [LABS, SCAN].map((id) => ({ modality: id, study: only(STUDY, id), cohorts: COHORTS }));
    const { test, trained } = await ran({ kind: 'average', members, evaluateOn: COHORTS, fallback: [0.5] });
    expect(trained).toEqual([LABS, SCAN]);
    const judged = { cohorts: COHORTS, part: 'test' as const, subsets: SUBSETS };
    const alone = await Promise.all(
      members.map(({ study }) => rawScores(someModel(study, COHORTS), COHORTS, judged, pool)),
    );
    const of = (member: number, i: number) => alone[member]?.[0]?.subsets[0]?.scores[i] as number;
    const scores = part(test, 0, 0)?.scores;
    // Patient 8 has both: the plain mean. Patient 11 has the scan only, where it is the fourth that is scored.
    expect(scores?.[0]).toBeCloseTo((of(0, 0) + of(1, 0)) / 2, 6);
    expect(scores?.[3]).toBe(of(1, 3));
  });

  it('judges each site by its own model, and by a constant where it could not train', async () => {
    const { test, trained } = await ran({
      kind: 'per-site',
      judge: 'own',
      runs: [{ site: siteId('north'), study: STUDY, cohorts: [NORTH] }],
      constants: new Map([[siteId('south'), [0.875]]]),
      evaluateOn: COHORTS,
      fallback: [0.5],
    });
    expect(trained).toEqual(['north']);
    expect([...(part(test, 1, 0)?.scores ?? [])]).toEqual([0.875, 0.875]);
    expect([...(part(test, 0, 0)?.scores ?? [])]).not.toContain(0.875);
  });

  it('lets the site with the best validation score serve all, not the first or the last', async () => {
    const sites = ['north', 'south', 'north-again'].map(siteId);
    const scores = [0.6, 0.9, 0.7];
    const studies = sites.map((_, i) => smallStudy({ seed: 100 + i }));
    const runs = sites.map((site, i) => ({ site, study: studies[i] as Study, cohorts: COHORTS }));
    const plan: BaselinePlan = {
      kind: 'per-site',
      judge: 'best',
      runs,
      constants: new Map(),
      evaluateOn: COHORTS,
      fallback: [0.5],
    };
    let asked = 0;
    const { test } = await ran(plan, () => scores[asked++]);
    const best = await ran({ ...FEDERATION, study: studies[1] as Study });
    expect(asked).toBe(3);
    expect(part(test, 0, 0)).toEqual(part(best.test, 0, 0));
  });

  it('takes a site whose score is not defined only where there is no better', async () => {
    const plan: BaselinePlan = {
      kind: 'per-site',
      judge: 'best',
      runs: [{ site: siteId('north'), study: STUDY, cohorts: COHORTS }],
      constants: new Map(),
      evaluateOn: COHORTS,
      fallback: [0.5],
    };
    const { test } = await ran(plan, () => undefined);
    expect(part(test, 0, 0)?.patients).toHaveLength(5);
  });

  it('chooses by the test patients in hindsight, and by those who validate otherwise', async () => {
    const runs = ['north', 'south'].map((site, i) => ({
      ...{ site: siteId(site), study: smallStudy({ seed: 100 + i }), cohorts: COHORTS },
    }));
    const plan = {
      kind: 'per-site',
      runs,
      constants: new Map(),
      evaluateOn: COHORTS,
      fallback: [0.5],
    } as const;
    const judgedOn = async (judge: 'best' | 'hindsight') => {
      const sizes: number[][] = [];
      await ran({ ...plan, judge }, (scored) => {
        sizes.push(scored.map(({ subsets }) => subsets[0]?.patients.length ?? -1));
        return 0;
      });
      return sizes;
    };
    // North has 4 who validate and 5 who test, south 4 and 2; once for each of two runs.
    expect(await judgedOn('best')).toEqual([
      [4, 4],
      [4, 4],
    ]);
    expect(await judgedOn('hindsight')).toEqual([
      [5, 2],
      [5, 2],
    ]);
  });

  it('gives each patient the score of the fold that it is in, and the fallback where it is in none', async () => {
    const scanOnly = only(STUDY, SCAN);
    // Of north's test patients 8 to 12 the first fold has 8 and 9, the second 10 and 11.
    const fold = (...members: number[]) => ({
      ...NORTH,
      part: NORTH.part.map((_, i) => (members.includes(i) ? PART.test : PART.train)),
    });
    const runs = [fold(8, 9), fold(10, 11)].map((cohort, i) => ({
      ...{ site: siteId('north'), study: { ...scanOnly, seed: 200 + i }, cohorts: [cohort] },
    }));
    const { test } = await ran({ kind: 'cross-fitted', runs, evaluateOn: COHORTS, fallback: [0.125] });
    const judged = { cohorts: COHORTS, part: 'test' as const, subsets: SUBSETS };
    const of = async (run: (typeof runs)[number]) =>
      (
        await rawScores(
          someModel(run.study, run.cohorts),
          run.cohorts,
          { ...judged, cohorts: run.cohorts },
          pool,
        )
      )[0]?.subsets[0]?.scores ?? [];
    const [first, second] = await Promise.all(runs.map(of));
    expect([...(part(test, 0, 0)?.scores ?? [])]).toEqual([...(first ?? []), ...(second ?? []), 0.125]);
    expect([...(part(test, 1, 0)?.scores ?? [])]).toEqual([0.125, 0.125]);
  });
});
