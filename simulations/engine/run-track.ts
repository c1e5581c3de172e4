import type { SiteCohort } from '../../client/data/cohort.ts';
import type { Intake } from '../../client/data/join.ts';
import type { Retention } from '../../client/storage/site-memory.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import { mergeSums, sumsOf } from '../../shared/metrics/accumulate.ts';
import { metricOf } from '../../shared/metrics/metrics.ts';
import { primaryMetric } from '../../shared/metrics/primary-metric.ts';
import { isCensusCode } from '../../shared/protocol/census.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { AssetReader } from '../../shared/study/assets.ts';
import type { Study } from '../../shared/study/study.ts';
import { scoredPatients } from '../analysis/scored.ts';
import type { PlantedCanaries } from '../audit/canary-scan.ts';
import type { Baseline, BaselinePlan } from '../baselines/baseline.ts';
import { fallbackPrediction } from '../baselines/constant-prediction.ts';
import { enrolled } from '../cohorts/enrolled.ts';
import { runFederation, type TrainedModel } from './federation.ts';
import type { SitePredictions } from './predictions.ts';
import { type PlanOutcome, runPlan } from './run-plan.ts';
import type { RunRecord } from './run-record.ts';
import { type RunStore, transientStorage } from './run-store.ts';
import type { Scenario } from './scenario.ts';

/** What reading one site left out. */
export interface SiteIntake {
  readonly site: SiteId;
  readonly intake: Intake;
}

/** A study with the data of one seed. */
export interface SeededStudy {
  readonly study: Study;
  /** A new site (`isNewSite`) is judged and does not train. */
  readonly cohorts: readonly SiteCohort[];
  /** Of each site that was read; none where patients are generated. */
  readonly intakes?: readonly SiteIntake[];
}

export interface RunOptions {
  readonly pool: TrainingPool;
  readonly scenario: Scenario;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  readonly assets: AssetReader;
  /** Tells runs of different tracks apart. */
  readonly track: string;
  readonly subsets: readonly (readonly ModalityId[])[];
  readonly onRound?: (report: RoundReport) => void;
  /** Of the study itself: words to look for are planted at the sites, and looked for in what they send. */
  readonly canaries?: PlantedCanaries;
}

/** The study itself: its state survives a crash, and its model is handed out. */
export async function runStudy(
  { study, cohorts }: SeededStudy,
  options: RunOptions,
): Promise<{ readonly record: RunRecord; readonly model: TrainedModel }> {
  const key = `${options.track}.study.${study.seed}`;
  const storage = await options.store.durable(key, retentionOf(study));
  try {
    const { canaries } = options;
    const sites = enrolled(cohorts);
    const model = await runFederation({
      ...options,
      study,
      cohorts: canaries === undefined ? sites : sites.map(canaries.plant),
      storage,
      ...(canaries && { onSent: canaries.look }),
    });
    const done = await options.store.load(key);
    if (done !== undefined) return { record: done, model };
    const plan: BaselinePlan = {
      kind: 'federation',
      study,
      cohorts,
      evaluateOn: cohorts,
      fallback: fallbackPrediction(study.task, cohorts),
    };
    const outcome = await runPlan(
      plan,
      planContext(study, cohorts, options, async () => model),
    );
    const record = recordOf('study', study.seed, outcome);
    await options.store.save(key, record);
    return { record, model };
  } finally {
    await storage.close();
  }
}

/** A strategy to compare with; repeated from its start when it was interrupted. One that cannot be trained is `impossible`. */
export async function runBaseline(
  baseline: Baseline,
  { study, cohorts }: SeededStudy,
  options: RunOptions,
): Promise<RunRecord> {
  const key = `${options.track}.${baseline.name}.${study.seed}`;
  const done = await options.store.load(key);
  if (done !== undefined) return done;
  const plan = baseline.prepare({ study, cohorts });
  const context = planContext(study, cohorts, options, (run) =>
    runFederation({
      ...options,
      study: run.study,
      cohorts: enrolled(run.cohorts),
      storage: transientStorage(retentionOf(run.study)),
    }),
  );
  const outcome = await runPlan(plan, context).catch(impossible);
  const record = recordOf(baseline.name, study.seed, outcome);
  await options.store.save(key, record);
  return record;
}

/** A strategy that these patients or this scenario do not allow is a row without figures, not the end of the others. */
function impossible(error: unknown): PlanOutcome {
  const isForeseen =
    error instanceof ConsiliumError && (isCensusCode(error.code) || error.code === 'NO_QUORUM');
  if (!isForeseen) throw error;
  return { kind: 'impossible', reason: error.message };
}

/** The pooled primary metric of the full set, higher is better. */
export function judged(
  study: Study,
  cohorts: readonly SiteCohort[],
  predictions: readonly SitePredictions[],
): number | undefined {
  const { name, better } = primaryMetric(study.task);
  const sums = scoredPatients(predictions, cohorts, 0).map((site) =>
    sumsOf(study.task, site.scores, site.labels, { horizon: horizonOf(cohorts) }),
  );
  const value = metricOf(name, mergeSums(study.task, sums), study.task);
  if (value === null) return undefined;
  return better === 'higher' ? value : -value;
}

function planContext(
  study: Study,
  cohorts: readonly SiteCohort[],
  options: RunOptions,
  train: Parameters<typeof runPlan>[1]['train'],
): Parameters<typeof runPlan>[1] {
  return {
    pool: options.pool,
    cohorts,
    subsets: options.subsets,
    train,
    judge: (predictions) => judged(study, cohorts, predictions),
  };
}

function recordOf(strategy: string, seed: number, outcome: PlanOutcome): RunRecord {
  if (outcome.kind === 'impossible') return { kind: 'impossible', strategy, seed, reason: outcome.reason };
  const { validation, test, model } = outcome;
  const facts = model && { modelHash: model.modelHash, chosenRound: model.chosenRound, rounds: model.rounds };
  return { kind: 'ran', strategy, seed, validation, test, model: facts };
}

function retentionOf(study: Study): Retention {
  return study.evaluation.choose === 'best-validation' ? 'all' : 'last-three';
}

/** The longest time seen: survival only. */
function horizonOf(cohorts: readonly SiteCohort[]): number {
  return Math.max(
    1,
    ...cohorts.flatMap(({ labels }) =>
      labels.kind === 'survival' ? labels.time.reduce((a, b) => Math.max(a, b), 0) : [],
    ),
  );
}
