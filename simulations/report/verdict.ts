import { metricName } from './metric-names.ts';
import { decimal, mean, signed } from './numbers.ts';
import type { StrategyRow, TrackReport } from './report-data.ts';

/** Smaller differences on a scale of 0 to 1 are noise on cohorts of these sizes. */
export const NOISE = 0.01;

export type Verdict = 'noise' | 'study better' | 'study worse' | 'unknown';

/** What the paired difference (study minus row) says. Noise: smaller than .01, or the interval holds 0. */
export function verdict(row: StrategyRow, metric: string): Verdict {
  if (row.difference === null || !Number.isFinite(row.difference.mean)) return 'unknown';
  const { better, unitScale } = metricName(metric);
  const [low, high] = row.difference.interval;
  const isSmall = unitScale && Math.abs(row.difference.mean) < NOISE;
  if (isSmall || !(low > 0 || high < 0)) return 'noise';
  return row.difference.mean > 0 === (better === 'higher') ? 'study better' : 'study worse';
}

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  noise: 'within noise',
  'study better': 'study better',
  'study worse': 'study worse',
  unknown: '–',
};

export interface TargetOutcome {
  readonly reached: boolean | null;
  /** E.g. "reached 0.842, by 0.012". */
  readonly text: string;
}

/** Whether a target was met, and by how much it was passed or missed. */
export function targetOutcome(target: TrackReport['targets'][number]): TargetOutcome {
  if (target.reached === null || !Number.isFinite(target.reached)) {
    return { reached: null, text: 'not measured' };
  }
  const margin = target.better === 'higher' ? target.reached - target.target : target.target - target.reached;
  const by = decimal(Math.abs(margin));
  return margin >= 0
    ? { reached: true, text: `reached, with ${by} to spare` }
    : { reached: false, text: `missed by ${by}` };
}

export interface TrackHeadline {
  /** Mean over seeds of the pooled primary metric of the study row. */
  readonly primary: number | null;
  readonly interval: readonly [number, number] | null;
  readonly meanSite: number | null;
  readonly worstSubset: number | null;
  /** Mean over sites of federated minus alone, in the direction of better. */
  readonly meanGain: number | null;
  /** Sites of those compared that do worse than alone by more than noise. */
  readonly hurt: number;
  readonly compared: number;
}

/** The few numbers that a reader wants first. */
export function trackHeadline(track: TrackReport): TrackHeadline {
  const study = track.strategies[0];
  const gains = track.main.perSite.map((site) => siteGain(site, track.primaryMetric));
  const compared = gains.filter((gain): gain is number => gain !== null);
  return {
    primary: study ? pooledMean(study, track.primaryMetric) : null,
    interval: study?.interval ?? null,
    meanSite: study ? mean(study.perSeed.map((seed) => seed.meanSite[track.primaryMetric])) : null,
    worstSubset: study ? mean(study.perSeed.map((seed) => seed.worstSubset)) : null,
    meanGain: mean(compared),
    hurt: compared.filter((gain) => gain <= -NOISE).length,
    compared: compared.length,
  };
}

/** Federated minus alone, positive where joining helps; null where either is undefined or suppressed. */
export function siteGain(site: TrackReport['main']['perSite'][number], metric: string): number | null {
  const federated = site.metrics[metric];
  if (site.suppressed || typeof federated !== 'number' || site.localOnly === null) return null;
  const gain = federated - site.localOnly;
  if (!Number.isFinite(gain)) return null;
  return metricName(metric).better === 'higher' ? gain : -gain;
}

export function pooledMean(row: StrategyRow, metric: string): number | null {
  return mean(row.perSeed.map((seed) => seed.pooled[metric]));
}

/** "+0.012 (−0.003 to +0.027)" for study minus row. */
export function differenceText(row: StrategyRow): string {
  if (row.difference === null) return '–';
  const [low, high] = row.difference.interval;
  return `${signed(row.difference.mean)} (${signed(low)} to ${signed(high)})`;
}
