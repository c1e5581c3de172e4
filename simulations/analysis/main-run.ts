import { selectLabels } from '../../client/data/select-labels.ts';
import type { ModalityId } from '../../shared/core/ids.ts';
import { mergeSums, sumsOf } from '../../shared/metrics/accumulate.ts';
import { calibrationCurve } from '../../shared/metrics/calibration-curve.ts';
import type { PrimaryMetric } from '../../shared/metrics/primary-metric.ts';
import { isSmallCell } from '../../shared/metrics/suppress.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { Study } from '../../shared/study/study.ts';
import type { ModelFacts } from '../engine/run-record.ts';
import { type MainRun, type MetricValues, POOLED_SITE, type RoundRow } from '../report/report-data.ts';
import { bootstrap } from '../statistics/bootstrap.ts';
import { exactMetrics, prepareMetrics } from '../statistics/exact-metrics.ts';
import { fairnessRows } from '../statistics/fairness.ts';
import type { ScoredPatients } from '../statistics/scored-patients.ts';
import { MAX_SHAPLEY_MODALITIES, shapleyValues, subsetKey } from '../statistics/shapley.ts';
import { scoredPatients } from './scored.ts';
import type { SeedRun } from './strategy-row.ts';

export interface MainRunInput {
  readonly study: Study;
  readonly primary: PrimaryMetric;
  readonly run: SeedRun;
  readonly facts: ModelFacts;
  /** All subsets of the record, the full set first; the first `shown` of them are the report's. */
  readonly subsets: readonly (readonly ModalityId[])[];
  readonly shown: number;
  /** The same seed's training alone, where it was run. */
  readonly localOnly: SeedRun | undefined;
  readonly degradation: MainRun['degradation'];
}

/** Everything the report shows of the study's first seed in detail. */
export function mainRun(input: MainRunInput): MainRun {
  const { study, primary, run, facts } = input;
  const test = scoredPatients(run.record.test, run.cohorts, 0);
  return {
    seed: run.record.seed,
    modelHash: facts.modelHash,
    chosenRound: facts.chosenRound,
    rounds: facts.rounds.map((report) => roundRow(report, primary)),
    subsets: subsetRows(input),
    perSite: perSiteRows(input, test),
    calibration: calibration(study, test),
    fairness: fairnessRows(study.task, test, { cohorts: run.cohorts, minCell: study.evaluation.minCell })
      .filter(({ suppressed }) => !suppressed)
      .map(({ group, level, patients, metrics }) => ({ group, level, patients, metrics })),
    shapley: shapley(input),
    degradation: input.degradation,
  };
}

function roundRow(report: RoundReport, primary: PrimaryMetric): RoundRow {
  const score = report.validationScore;
  return {
    round: report.round,
    loss: report.loss ?? null,
    validation: score === undefined ? null : primary.better === 'higher' ? score : -score,
    blocks: report.blocks.map(({ block, outcome, contributors, clipped }) => ({
      block,
      outcome: outcome.kind,
      ...(outcome.kind === 'kept' ? { reason: outcome.reason } : {}),
      contributors,
      deltaNorm: outcome.kind === 'merged' ? outcome.deltaNorm : null,
      stepNorm: outcome.kind === 'merged' ? outcome.stepNorm : null,
      clipped,
    })),
    missing: report.missing,
  };
}

function subsetRows({ study, primary, run, subsets, shown }: MainRunInput): MainRun['subsets'] {
  return subsets.slice(0, shown).map((subset, s) => {
    const scored = scoredPatients(run.record.test, run.cohorts, s);
    const patients = scored.reduce((sum, { n }) => sum + n, 0);
    const { interval } = bootstrap(study.task, scored, { metric: primary.name, seed: run.record.seed });
    return { subset, patients, pooled: patients === 0 ? {} : exactMetrics(study.task, scored), interval };
  });
}

function perSiteRows(
  { study, primary, localOnly }: MainRunInput,
  test: readonly ScoredPatients[],
): MainRun['perSite'] {
  const { minCell } = study.evaluation;
  const alone = localOnly === undefined ? [] : scoredPatients(localOnly.record.test, localOnly.cohorts, 0);
  return test.map((site) => {
    const suppressed =
      site.n === 0 || isSmallCell(sumsWithHorizon(study, site), minCell, study.task.kind === 'multilabel');
    const own = alone.find((other) => other.site === site.site);
    return {
      site: site.site,
      patients: suppressed ? 0 : site.n,
      metrics: suppressed ? ({} satisfies MetricValues) : exactMetrics(study.task, [site]),
      localOnly:
        suppressed || own === undefined || own.n === 0
          ? null
          : prepareMetrics(study.task, [own]).one(primary.name),
      suppressed,
    };
  });
}

/** For counts alone the horizon does not matter; it only has to be a number. */
function sumsWithHorizon(study: Study, site: ScoredPatients) {
  return sumsOf(study.task, site.scores, site.labels, { horizon: 1 });
}

function calibration(study: Study, test: readonly ScoredPatients[]): MainRun['calibration'] {
  if (study.task.kind !== 'binary') return [];
  const sums = mergeSums(
    study.task,
    test.map((site) => sumsOf(study.task, site.scores, site.labels)),
  );
  const scores = sums.kind === 'class' ? sums.outputs[0] : undefined;
  return scores === undefined ? [] : calibrationCurve(scores, { minCell: study.evaluation.minCell });
}

/** Worth of a subset: the primary metric on validation patients who have something of it. */
function shapley({ study, primary, run, subsets }: MainRunInput): MainRun['shapley'] {
  const modalities = study.modalities.map(({ id }) => id);
  const complete = 2 ** modalities.length - 1;
  if (modalities.length > MAX_SHAPLEY_MODALITIES || subsets.length < complete) return [];
  const emptyValue = worthOfNothing(study, run);
  if (emptyValue === undefined) return [];
  const valuesOf = (pick: (scored: readonly ScoredPatients[]) => readonly ScoredPatients[]) => {
    const values = new Map<string, number | null>();
    subsets.forEach((subset, s) => {
      const scored = pick(scoredPatients(run.record.validation, run.cohorts, s)).filter(({ n }) => n > 0);
      // Nobody has anything of the subset: it adds nothing to knowing nothing.
      values.set(
        subsetKey(subset),
        scored.length === 0 ? emptyValue : prepareMetrics(study.task, scored).one(primary.name),
      );
    });
    return values;
  };
  const rows = (site: string, values: ReadonlyMap<string, number | null>) =>
    [...shapleyValues(modalities, { values, emptyValue })].map(([modality, value]) => ({
      site,
      modality,
      value,
    }));
  const { minCell } = study.evaluation;
  return [
    ...rows(
      POOLED_SITE,
      valuesOf((scored) => scored),
    ),
    ...run.cohorts.flatMap(({ site }) => {
      const own = (scored: readonly ScoredPatients[]) => scored.filter((each) => each.site === site);
      const [first] = own(scoredPatients(run.record.validation, run.cohorts, 0));
      if (first === undefined || first.n < Math.max(minCell, 2)) return [];
      return rows(site, valuesOf(own));
    }),
  ];
}

/** The primary metric of a prediction that knows nothing. */
function worthOfNothing(study: Study, { record, cohorts }: SeedRun): number | undefined {
  if (study.task.kind !== 'regression') return 0.5;
  const truths = record.validation.flatMap(({ subsets }, i) => {
    const labels = cohorts[i]?.labels;
    const patients = subsets[0]?.patients;
    if (labels === undefined || patients === undefined) return [];
    const picked = selectLabels(labels, patients);
    return picked.kind === 'regression' ? [...picked.values] : [];
  });
  if (truths.length === 0) return undefined;
  const mean = truths.reduce((sum, value) => sum + value, 0) / truths.length;
  return Math.sqrt(truths.reduce((sum, value) => sum + (value - mean) ** 2, 0) / truths.length);
}
