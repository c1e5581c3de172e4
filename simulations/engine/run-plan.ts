import type { SiteCohort } from '../../client/data/cohort.ts';
import type { SubsetScores } from '../../client/training/site-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { BaselinePlan, FederationRun, Prediction } from '../baselines/baseline.ts';
import type { TrainedModel } from './federation.ts';
import {
  completed,
  constantScores,
  eligible,
  type JudgedPatients,
  maskedTo,
  type SitePredictions,
} from './predictions.ts';

/** What a strategy made of the judged patients. */
export type PlanOutcome =
  | {
      readonly kind: 'ran';
      readonly validation: readonly SitePredictions[];
      readonly test: readonly SitePredictions[];
      /** Of a plan with one federation. */
      readonly model: TrainedModel | undefined;
    }
  | { readonly kind: 'impossible'; readonly reason: string };

export interface PlanContext {
  readonly pool: TrainingPool;
  /** Whose patients are judged: the study's own cohorts. */
  readonly cohorts: readonly SiteCohort[];
  readonly subsets: JudgedPatients['subsets'];
  /** Trains one federation; `name` tells it from the plan's others and is stable. */
  train(run: FederationRun, name: string): Promise<TrainedModel>;
  /** How good scores are, higher is better. */
  judge(part: readonly SitePredictions[]): number | undefined;
}

/** Trains what the plan asks for and scores every judged patient from every subset. */
export async function runPlan(plan: BaselinePlan, context: PlanContext): Promise<PlanOutcome> {
  const validation: JudgedPatients = {
    cohorts: context.cohorts,
    part: 'validation',
    subsets: context.subsets,
  };
  const test: JudgedPatients = { ...validation, part: 'test' };
  switch (plan.kind) {
    case 'impossible':
      return plan;
    case 'constant': {
      const predictionOf = (site: SiteId) => expected(plan.predictions.get(site), site);
      return {
        kind: 'ran',
        validation: constantScores(validation, predictionOf),
        test: constantScores(test, predictionOf),
        model: undefined,
      };
    }
    case 'federation': {
      const model = await context.train(plan, 'federation');
      const score = (judged: JudgedPatients) => scoreWith(model, plan, judged, context.pool);
      return { kind: 'ran', validation: await score(validation), test: await score(test), model };
    }
    case 'average': {
      const members: TrainedModel[] = [];
      for (const member of plan.members) members.push(await context.train(member, member.modality));
      const score = async (judged: JudgedPatients) => {
        const all: SitePredictions[][] = [];
        for (const model of members) all.push(await rawScores(model, plan.evaluateOn, judged, context.pool));
        return judged.cohorts.map((cohort, c) =>
          averaged(
            cohort,
            judged,
            all.map((each) => each[c]),
            plan.fallback,
          ),
        );
      };
      return { kind: 'ran', validation: await score(validation), test: await score(test), model: undefined };
    }
    case 'per-site':
      return perSite(plan, context, validation, test);
    case 'cross-fitted':
      return crossFitted(plan, context, validation, test);
  }
}

async function perSite(
  plan: Extract<BaselinePlan, { kind: 'per-site' }>,
  context: PlanContext,
  validation: JudgedPatients,
  test: JudgedPatients,
): Promise<PlanOutcome> {
  const models = new Map<SiteId, TrainedModel>();
  for (const run of plan.runs) models.set(run.site, await context.train(run, run.site));
  const { pool } = context;
  const scoreBy = (model: TrainedModel, judged: JudgedPatients) => scoreWith(model, plan, judged, pool);
  if (plan.judge === 'own') {
    const own = async (judged: JudgedPatients) => {
      const all: SitePredictions[] = [];
      for (const [c, cohort] of judged.cohorts.entries()) {
        const model = models.get(cohort.site);
        const only: JudgedPatients = { ...judged, cohorts: [cohort] };
        const evaluateOn = plan.evaluateOn.slice(c, c + 1);
        all.push(
          ...(model === undefined
            ? constantScores(only, (site) => plan.constants.get(site) ?? plan.fallback)
            : await scoreWith(model, { ...plan, evaluateOn }, only, pool)),
        );
      }
      return all;
    };
    return { kind: 'ran', validation: await own(validation), test: await own(test), model: undefined };
  }
  const chooseBy = plan.judge === 'hindsight' ? test : validation;
  let best: { readonly score: number; readonly model: TrainedModel } | undefined;
  for (const model of models.values()) {
    const score = context.judge(await scoreBy(model, chooseBy)) ?? Number.NEGATIVE_INFINITY;
    if (best === undefined || score > best.score) best = { score, model };
  }
  if (best === undefined) return { kind: 'impossible', reason: 'no site can train alone' };
  const chosen = best.model;
  return {
    kind: 'ran',
    validation: await scoreBy(chosen, validation),
    test: await scoreBy(chosen, test),
    model: undefined,
  };
}

async function crossFitted(
  plan: Extract<BaselinePlan, { kind: 'cross-fitted' }>,
  context: PlanContext,
  validation: JudgedPatients,
  test: JudgedPatients,
): Promise<PlanOutcome> {
  const parts: SitePredictions[] = [];
  for (const [i, run] of plan.runs.entries()) {
    const model = await context.train(run, `${run.site}-fold-${i}`);
    parts.push(...(await rawScores(model, run.cohorts, { ...test, cohorts: run.cohorts }, context.pool)));
  }
  const gathered = (judged: JudgedPatients) =>
    judged.cohorts.map((cohort) => ({
      site: cohort.site,
      subsets: judged.subsets.map((subset, s) => {
        const own = parts
          .filter(({ site }) => site === cohort.site)
          .flatMap(({ subsets }) => subsets[s] ?? []);
        return completed(concatenated(own), eligible(cohort, judged.part, subset), plan.fallback);
      }),
    }));
  return { kind: 'ran', validation: gathered(validation), test: gathered(test), model: undefined };
}

function concatenated(scored: readonly SubsetScores[]): SubsetScores {
  return {
    patients: Int32Array.from(scored.flatMap(({ patients }) => [...patients])),
    scores: Float32Array.from(scored.flatMap(({ scores }) => [...scores])),
  };
}

interface Judging {
  readonly evaluateOn: readonly SiteCohort[];
  readonly fallback: Prediction;
  readonly fill?: (cohort: SiteCohort) => SiteCohort;
}

/** Scores for exactly the eligible patients of every subset. */
async function scoreWith(
  model: TrainedModel,
  { evaluateOn, fallback, fill }: Judging,
  judged: JudgedPatients,
  pool: TrainingPool,
): Promise<SitePredictions[]> {
  if (fill === undefined) {
    const raw = await rawScores(model, evaluateOn, judged, pool);
    return judged.cohorts.map((cohort, c) => ({
      site: cohort.site,
      subsets: judged.subsets.map((subset, s) =>
        completed(raw[c]?.subsets[s], eligible(cohort, judged.part, subset), fallback),
      ),
    }));
  }
  const everything = model.study.modalities.map(({ id }) => id);
  const bySubset: SitePredictions[][] = [];
  for (const subset of judged.subsets) {
    const filled = judged.cohorts.map((cohort) => fill(maskedTo(cohort, subset)));
    bySubset.push(await rawScores(model, filled, { ...judged, subsets: [everything] }, pool));
  }
  return judged.cohorts.map((cohort, c) => ({
    site: cohort.site,
    subsets: judged.subsets.map((subset, s) =>
      completed(bySubset[s]?.[c]?.subsets[0], eligible(cohort, judged.part, subset), fallback),
    ),
  }));
}

/** What the model says of the cohorts' patients; those whom it cannot score are missing. */
export async function rawScores(
  model: TrainedModel,
  cohorts: readonly SiteCohort[],
  { part, subsets }: JudgedPatients,
  pool: TrainingPool,
): Promise<SitePredictions[]> {
  return Promise.all(
    cohorts.map(async (cohort) => {
      const seat = await pool.open(model.study, cohort);
      try {
        await seat.prepare(model.census);
        const local = model.local.get(cohort.site) ?? new Map();
        return {
          site: cohort.site,
          subsets: await seat.score({ part, subsets, blocks: model.blocks, local }),
        };
      } finally {
        await seat.close();
      }
    }),
  );
}

/** The plain mean of what the members say, patient by patient. */
function averaged(
  cohort: SiteCohort,
  { part, subsets }: JudgedPatients,
  members: readonly (SitePredictions | undefined)[],
  fallback: Prediction,
): SitePredictions {
  return {
    site: cohort.site,
    subsets: subsets.map((subset, s): SubsetScores => {
      const sums = new Map<number, { readonly sum: Float64Array; count: number }>();
      for (const member of members) {
        const scored = member?.subsets[s];
        scored?.patients.forEach((patient, i) => {
          const entry = sums.get(patient) ?? { sum: new Float64Array(fallback.length), count: 0 };
          for (let k = 0; k < fallback.length; k++) {
            entry.sum[k] = (entry.sum[k] as number) + (scored.scores[i * fallback.length + k] as number);
          }
          entry.count++;
          sums.set(patient, entry);
        });
      }
      const patients = Int32Array.from(sums.keys());
      const scores = Float32Array.from(
        [...sums.values()].flatMap(({ sum, count }) => [...sum].map((value) => value / count)),
      );
      return completed({ patients, scores }, eligible(cohort, part, subset), fallback);
    }),
  };
}

function expected(prediction: Prediction | undefined, site: SiteId): Prediction {
  if (prediction === undefined)
    throw new ConsiliumError('INTERNAL', `site ${site}: expected a constant prediction`);
  return prediction;
}
