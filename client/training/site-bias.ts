import type { Study } from '../../shared/study/study.ts';
import type { EncodedCohort } from './encoded-cohort.ts';

/**
 * b_k before the first round: the log-odds of the site's own training prevalence, so that a site with a prevalence of
 * .9 does not spend its rounds on learning that. Laplace's rule keeps one class finite. Multiclass: centred log-shares.
 * Record mode: 0, because later gradients depend on it and a count without noise would reach every release.
 * @returns [outputs].
 */
export function initialSiteBias(study: Study, cohort: EncodedCohort, outputs: number): Float32Array {
  if (study.privacy.record !== undefined) return new Float32Array(outputs);
  const { labels } = cohort;
  const train = cohort.parts.train;
  if (labels.kind === 'class' && study.task.kind === 'binary') {
    const positive = train.filter((patient) => labels.values[patient] === 1).length;
    return Float32Array.of(Math.log((positive + 1) / (train.length - positive + 1)));
  }
  if (labels.kind === 'class') {
    const logs = Array.from({ length: outputs }, (_, level) =>
      Math.log(train.filter((patient) => labels.values[patient] === level).length + 1),
    );
    const mean = logs.reduce((sum, value) => sum + value, 0) / outputs;
    return Float32Array.from(logs, (value) => value - mean);
  }
  if (labels.kind === 'multilabel') {
    return Float32Array.from({ length: outputs }, (_, output) => {
      const positive = train.filter((patient) => labels.values[patient * labels.width + output] === 1).length;
      return Math.log((positive + 1) / (train.length - positive + 1));
    });
  }
  return new Float32Array(outputs);
}
