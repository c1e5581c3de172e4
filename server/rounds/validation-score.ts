import { mergeSums } from '../../shared/metrics/accumulate.ts';
import { metricOf } from '../../shared/metrics/metrics.ts';
import { primaryMetric } from '../../shared/metrics/primary-metric.ts';
import type { Evaluation } from '../../shared/protocol/messages.ts';
import type { Study } from '../../shared/study/study.ts';

/** The pooled primary metric of the full set, so signed that higher is better; undefined where it is not defined. */
export function validationScore(study: Study, evaluations: readonly Evaluation[]): number | undefined {
  const sums = evaluations.flatMap(({ subsets }) => subsets[0] ?? []);
  if (sums.length === 0) return undefined;
  const { name, better } = primaryMetric(study.task);
  const value = metricOf(name, mergeSums(study.task, sums), study.task);
  if (value === null) return undefined;
  return better === 'higher' ? value : -value;
}
