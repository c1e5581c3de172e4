import { ConsiliumError } from '../../shared/core/errors.ts';
import { type SeededRandom, seededRandom } from '../../shared/core/random.ts';
import type { ScoredTask } from '../../shared/metrics/scored-task.ts';
import { prepareMetrics } from './exact-metrics.ts';
import type { ScoredPatients } from './scored-patients.ts';

export interface BootstrapOptions {
  /** A name of `metricsOf`. */
  readonly metric: string;
  readonly seed: number;
  /** 1000 unless given. */
  readonly replicates?: number;
  /** `pooled` (default): the metric of all patients. `mean-site`: its mean over the sites where it is defined. */
  readonly over?: 'pooled' | 'mean-site';
}

export interface BootstrapResult {
  /** On the patients themselves; null where the metric is not defined. */
  readonly value: number | null;
  /** Percentile 95 % interval over the defined replicates; null when fewer than 9 in 10 are defined. */
  readonly interval: readonly [number, number] | null;
}

/** Patients drawn with replacement within each site, so that every replicate keeps the sites' sizes. */
export function bootstrap(
  task: ScoredTask,
  scored: readonly ScoredPatients[],
  options: BootstrapOptions,
): BootstrapResult {
  const statistic = prepareStatistic(task, scored, options);
  return { value: statistic(undefined), interval: percentiles(replicate(scored, options, statistic)) };
}

/**
 * Metric of `a` minus metric of `b` with both judged on the very same draws of patients.
 * @throws ConsiliumError `INTERNAL` unless both scored the same patients of the same sites in the same order.
 */
export function pairedDifference(
  task: ScoredTask,
  a: readonly ScoredPatients[],
  options: BootstrapOptions & { readonly against: readonly ScoredPatients[] },
): BootstrapResult {
  const b = options.against;
  const isPaired =
    a.length === b.length &&
    a.every((site, s) => {
      const other = b[s];
      return (
        other !== undefined &&
        site.site === other.site &&
        site.n === other.n &&
        site.indices.every((index, i) => index === other.indices[i])
      );
    });
  if (!isPaired) {
    throw new ConsiliumError('INTERNAL', 'paired difference: expected the same patients in the same order');
  }
  const first = prepareStatistic(task, a, options);
  const second = prepareStatistic(task, b, options);
  const difference: Statistic = (weights) => minus(first(weights), second(weights));
  return { value: difference(undefined), interval: percentiles(replicate(a, options, difference)) };
}

/** A figure of the patients, patient i counted `weights[i]` times. */
type Statistic = (weights: Float64Array | undefined) => number | null;

function prepareStatistic(
  task: ScoredTask,
  scored: readonly ScoredPatients[],
  { metric, over = 'pooled' }: BootstrapOptions,
): Statistic {
  if (over === 'pooled') {
    const prepared = prepareMetrics(task, scored);
    return (weights) => prepared.one(metric, weights);
  }
  const sites = scored.map((site) => prepareMetrics(task, [site]));
  return (weights) => {
    let start = 0;
    const values = sites.flatMap((site) => {
      const value = site.one(metric, weights?.subarray(start, start + site.patients));
      start += site.patients;
      return value === null ? [] : [value];
    });
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
}

function replicate(
  scored: readonly ScoredPatients[],
  { seed, replicates = 1000 }: BootstrapOptions,
  statistic: Statistic,
): (number | null)[] {
  const random = seededRandom(seed, 'bootstrap');
  return Array.from({ length: replicates }, () => statistic(drawWeights(scored, random)));
}

function drawWeights(scored: readonly ScoredPatients[], random: SeededRandom): Float64Array {
  const weights = new Float64Array(scored.reduce((sum, { n }) => sum + n, 0));
  let start = 0;
  for (const { n } of scored) {
    for (let draw = 0; draw < n; draw++) {
      const at = start + random.below(n);
      weights[at] = (weights[at] as number) + 1;
    }
    start += n;
  }
  return weights;
}

function percentiles(values: readonly (number | null)[]): readonly [number, number] | null {
  const defined = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (defined.length === 0 || defined.length < 0.9 * values.length) return null;
  return [quantile(defined, 0.025), quantile(defined, 0.975)];
}

/** Linear between the sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

function minus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}
