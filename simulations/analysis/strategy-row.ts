import type { SiteCohort } from '../../client/data/cohort.ts';
import type { ModalityId } from '../../shared/core/ids.ts';
import type { PrimaryMetric } from '../../shared/metrics/primary-metric.ts';
import type { ScoredTask } from '../../shared/metrics/scored-task.ts';
import type { RunRecord } from '../engine/run-record.ts';
import type { MetricValues, StrategyRow } from '../report/report-data.ts';
import { bootstrap, pairedDifference } from '../statistics/bootstrap.ts';
import { exactMetrics, prepareMetrics } from '../statistics/exact-metrics.ts';
import { pairedBySplit, summarizeSplits } from '../statistics/repeated-splits.ts';
import type { ScoredPatients } from '../statistics/scored-patients.ts';
import { scoredPatients } from './scored.ts';

/** One seed of a strategy, with the cohorts of that seed. */
export interface SeedRun {
  readonly record: Extract<RunRecord, { kind: 'ran' }>;
  readonly cohorts: readonly SiteCohort[];
}

export interface RowOptions {
  readonly task: ScoredTask;
  readonly primary: PrimaryMetric;
  readonly subsets: readonly (readonly ModalityId[])[];
  readonly id: string;
  readonly title: string;
  readonly kind: StrategyRow['kind'];
  readonly note?: string;
  /** The runs are repeated splits, and their intervals over splits. */
  readonly splits?: { readonly testPerTrain: number };
}

/** A row of the results table. @param study the study's own runs on the same seeds; undefined for the study's row. */
export function strategyRow(
  runs: readonly SeedRun[],
  study: readonly SeedRun[] | undefined,
  options: RowOptions,
): StrategyRow {
  const { task } = options;
  const perSeed = runs.map((run) => {
    const scored = scoredPatients(run.record.test, run.cohorts, 0);
    return {
      seed: run.record.seed,
      pooled: exactMetrics(task, scored),
      meanSite: meanOverSites(task, scored),
      worstSubset: worstSubset(run, options),
    };
  });
  const { splits } = options;
  return {
    id: options.id,
    title: options.title,
    kind: options.kind,
    perSeed,
    ...(splits === undefined
      ? overPatients(runs, study, options)
      : overSplits(runs, study, { ...options, splits })),
    ...(options.note === undefined ? {} : { note: options.note }),
  };
}

type Spread = Pick<StrategyRow, 'interval' | 'deviation' | 'difference'>;

function overPatients(
  runs: readonly SeedRun[],
  study: readonly SeedRun[] | undefined,
  options: RowOptions,
): Spread {
  const intervals = runs.map((run) =>
    bootstrap(options.task, scoredPatients(run.record.test, run.cohorts, 0), {
      metric: options.primary.name,
      seed: run.record.seed,
    }),
  );
  return {
    interval: meanInterval(intervals.map(({ interval }) => interval)),
    difference: study === undefined ? null : difference(runs, study, options),
  };
}

/** Splits in which a strategy could not be run, or its metric is not defined, do not count. */
function overSplits(
  runs: readonly SeedRun[],
  study: readonly SeedRun[] | undefined,
  options: RowOptions & Required<Pick<RowOptions, 'splits'>>,
): Spread {
  const { splits } = options;
  const figures = primaryBySeed(runs, options);
  const defined = [...figures.values()].filter((value) => value !== null);
  const summary = summarizeSplits(defined, splits);
  const own = study === undefined ? undefined : primaryBySeed(study, options);
  const paired =
    own &&
    pairedBySplit(
      [...own.values()],
      [...own.keys()].map((seed) => figures.get(seed) ?? null),
      splits,
    );
  return {
    interval: summary?.interval ?? null,
    // Of a single split there is none.
    deviation: summary?.interval ? summary.deviation : null,
    difference: paired?.interval
      ? { mean: paired.mean, interval: paired.interval, deviation: paired.deviation }
      : null,
  };
}

/** The pooled primary metric of each run by its seed. */
function primaryBySeed(
  runs: readonly SeedRun[],
  { task, primary }: RowOptions,
): ReadonlyMap<number, number | null> {
  return new Map(
    runs.map(({ record, cohorts }) => [
      record.seed,
      prepareMetrics(task, scoredPatients(record.test, cohorts, 0)).one(primary.name),
    ]),
  );
}

/** Mean over the sites in which a metric is defined; sites without test patients do not count. */
export function meanOverSites(task: ScoredTask, scored: readonly ScoredPatients[]): MetricValues {
  const perSite = scored.filter(({ n }) => n > 0).map((site) => exactMetrics(task, [site]));
  const names = [...new Set(perSite.flatMap((metrics) => Object.keys(metrics)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = perSite.flatMap((metrics) => metrics[name] ?? []);
      return [
        name,
        values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
      ];
    }),
  );
}

function worstSubset({ record, cohorts }: SeedRun, { task, primary, subsets }: RowOptions): number | null {
  const values = subsets.flatMap((_, s) => {
    const scored = scoredPatients(record.test, cohorts, s).filter(({ n }) => n > 0);
    return scored.length === 0 ? [] : (prepareMetrics(task, scored).one(primary.name) ?? []);
  });
  if (values.length === 0) return null;
  return primary.better === 'higher' ? Math.min(...values) : Math.max(...values);
}

function difference(
  runs: readonly SeedRun[],
  study: readonly SeedRun[],
  { task, primary }: RowOptions,
): StrategyRow['difference'] {
  const results = runs.flatMap((run) => {
    const own = study.find(({ record }) => record.seed === run.record.seed);
    if (own === undefined) return [];
    return pairedDifference(task, scoredPatients(own.record.test, own.cohorts, 0), {
      metric: primary.name,
      seed: run.record.seed,
      against: scoredPatients(run.record.test, run.cohorts, 0),
    });
  });
  const values = results.flatMap(({ value }) => value ?? []);
  const interval = meanInterval(results.map((result) => result.interval));
  if (values.length === 0 || interval === null) return null;
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, interval };
}

/** Both ends averaged over the seeds; null unless every seed has an interval. */
export function meanInterval(
  intervals: readonly (readonly [number, number] | null)[],
): readonly [number, number] | null {
  if (intervals.length === 0) return null;
  let low = 0;
  let high = 0;
  for (const interval of intervals) {
    if (interval === null) return null;
    low += interval[0] / intervals.length;
    high += interval[1] / intervals.length;
  }
  return [low, high];
}
