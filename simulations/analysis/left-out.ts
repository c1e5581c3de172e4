import type { SiteId } from '../../shared/core/ids.ts';
import { primaryMetric } from '../../shared/metrics/primary-metric.ts';
import { hasSiteBias } from '../../shared/model/blocks.ts';
import type { Track } from '../engine/track.ts';
import { mean } from '../report/numbers.ts';
import type {
  LeftOutBias,
  LeftOutReport,
  LeftOutRow,
  MetricValues,
  TrackReport,
} from '../report/report-data.ts';
import { type BootstrapResult, bootstrap, pairedDifference } from '../statistics/bootstrap.ts';
import { exactMetrics } from '../statistics/exact-metrics.ts';
import type { ScoredPatients } from '../statistics/scored-patients.ts';
import { atKnownPrevalence } from './known-prevalence.ts';
import { scoredPatients } from './scored.ts';
import { meanInterval } from './strategy-row.ts';
import type { RowRuns } from './track-report.ts';

/** A track that leaves a site out, as it was run. */
export interface FinishedFold {
  readonly track: Track;
  readonly report: TrackReport;
  runsOf(strategy: string): RowRuns;
}

/** The patients of each left-out site, each scored by the model that never saw the site. */
type Fold = FinishedFold & { readonly heldOut: SiteId };

/** What the tracks that leave one site out come to together; undefined unless there are at least two. */
export function leftOutReport(tracks: readonly FinishedFold[]): LeftOutReport | undefined {
  const folds = tracks.flatMap((fold): Fold[] => {
    const { heldOut } = fold.track;
    return heldOut === undefined ? [] : [{ ...fold, heldOut }];
  });
  const [first] = folds;
  if (first === undefined || folds.length < 2) return undefined;
  const { study, seeds } = first.track;
  return {
    primaryMetric: primaryMetric(study.task).name,
    seeds,
    sites: folds.map(({ heldOut, report }) => {
      const site = report.sites.find(({ id }) => id === heldOut);
      return { id: heldOut, patients: site?.patients.test ?? 0, prevalence: site?.prevalence ?? null };
    }),
    strategies: first.report.strategies.map((row) => leftOutRow(folds, row)),
    bias: study.task.kind === 'binary' && hasSiteBias(study) ? biasOf(folds) : null,
  };
}

function leftOutRow(folds: readonly Fold[], row: TrackReport['strategies'][number]): LeftOutRow {
  const { track } = folds[0] as Fold;
  const { task } = track.study;
  const metric = primaryMetric(task).name;
  const rows = folds.map(({ report }) => report.strategies.find(({ id }) => id === row.id));
  const bySeed = track.seeds.flatMap((seed) => {
    const own = together(folds, row.id, seed);
    return own === undefined ? [] : [{ seed, own, study: together(folds, 'study', seed) }];
  });
  const isWhole = bySeed.length === track.seeds.length;
  const overSites = (seed: number) => ({ metric, seed, over: 'mean-site' as const });
  const differences = bySeed.flatMap(({ seed, own, study }) =>
    row.kind === 'study' || study === undefined
      ? []
      : [pairedDifference(task, study, { ...overSites(seed), against: own })],
  );
  const over = (results: readonly BootstrapResult[]) =>
    isWhole && results.length > 0
      ? {
          value: mean(results.map(({ value }) => value)),
          interval: meanInterval(results.map(({ interval }) => interval)),
        }
      : { value: null, interval: null };
  return {
    id: row.id,
    title: row.title,
    kind: row.kind,
    perSite: folds.map(({ heldOut }, f) => {
      const found = rows[f];
      return {
        site: heldOut,
        value: mean(found?.perSeed.map(({ pooled }) => pooled[metric]) ?? []),
        interval: found?.interval ?? null,
        difference: found?.difference ?? null,
        worstSubset: mean(found?.perSeed.map(({ worstSubset }) => worstSubset) ?? []),
      };
    }),
    meanSite: over(bySeed.map(({ seed, own }) => bootstrap(task, own, overSites(seed)))),
    pooled: over(bySeed.map(({ seed, own }) => bootstrap(task, own, { metric, seed }))),
    difference: row.kind === 'study' ? null : over(differences),
    ...(row.note === undefined ? {} : { note: row.note }),
  };
}

/** One entry per left-out site; undefined where a track could not run the strategy with this seed. */
function together(folds: readonly Fold[], strategy: string, seed: number): ScoredPatients[] | undefined {
  const scored = folds.flatMap(({ heldOut, runsOf }) => {
    const run = runsOf(strategy).runs.find(({ record }) => record.seed === seed);
    if (run === undefined) return [];
    return scoredPatients(run.record.test, run.cohorts, 0).filter(({ site }) => site === heldOut);
  });
  return scored.length === folds.length ? scored : undefined;
}

/** The study with each of the two starts that a new site has. */
function biasOf(folds: readonly Fold[]): LeftOutBias {
  const { track } = folds[0] as Fold;
  const { task } = track.study;
  const runs = track.seeds.flatMap((seed) => {
    const scored = together(folds, 'study', seed);
    return scored === undefined ? [] : [scored];
  });
  const figures = (of: (site: ScoredPatients) => ScoredPatients) => ({
    pooled: meanMetrics(runs.map((sites) => exactMetrics(task, sites.map(of)))),
    perSite: folds.map(({ heldOut }, f) => ({
      site: heldOut,
      metrics: meanMetrics(runs.map((sites) => exactMetrics(task, [of(sites[f] as ScoredPatients)]))),
    })),
  });
  return { zero: figures((site) => site), prevalence: figures(atKnownPrevalence) };
}

/** Metric by metric; one that is nowhere defined is null. */
function meanMetrics(runs: readonly MetricValues[]): MetricValues {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  return Object.fromEntries(names.map((name) => [name, mean(runs.map((run) => run[name]))]));
}
