import { type Labels, PART, type SiteCohort } from '../../client/data/cohort.ts';
import { outputsOf } from '../../shared/metrics/scored-task.ts';
import type { Task } from '../../shared/study/study.ts';
import type { Prediction } from './baseline.ts';

/**
 * What one would say of any patient, knowing the training labels of `cohorts` alone: the share of each class or label,
 * or the mean target; log-risk 0 for survival. Undefined without training patients.
 */
export function constantPrediction(task: Task, cohorts: readonly SiteCohort[]): Prediction | undefined {
  const outputs = outputsOf(task);
  const sums = new Float64Array(outputs);
  let patients = 0;
  for (const { labels, part } of cohorts) {
    part.forEach((where, i) => {
      if (where !== PART.train) return;
      patients += 1;
      for (let k = 0; k < outputs; k++) sums[k] = (sums[k] as number) + truthAt(task, labels, i, k);
    });
  }
  return patients === 0 ? undefined : Array.from(sums, (sum) => sum / patients);
}

/** As {@link constantPrediction}, with an even guess where there is no training patient at all. */
export function fallbackPrediction(task: Task, cohorts: readonly SiteCohort[]): Prediction {
  return constantPrediction(task, cohorts) ?? evenGuess(task);
}

function evenGuess(task: Task): Prediction {
  const outputs = outputsOf(task);
  const guess =
    task.kind === 'multiclass'
      ? 1 / outputs
      : task.kind === 'regression' || task.kind === 'survival'
        ? 0
        : 0.5;
  return Array.from({ length: outputs }, () => guess);
}

function truthAt(task: Task, labels: Labels, patient: number, output: number): number {
  switch (labels.kind) {
    case 'class':
      return labels.values[patient] === (task.kind === 'binary' ? 1 : output) ? 1 : 0;
    case 'multilabel':
      return labels.values[patient * labels.width + output] as number;
    case 'regression':
      return labels.values[patient] as number;
    case 'survival':
      return 0;
  }
}

/**
 * Whether the training patients that are used (all unless given) differ in their label, of several labels in each: else a
 * census of them alone is refused, as nothing can be learned.
 */
export function hasTwoLabels(
  { labels, part }: SiteCohort,
  isUsed: (index: number) => boolean = () => true,
): boolean {
  const used = [...part.keys()].filter((i) => part[i] === PART.train && isUsed(i));
  switch (labels.kind) {
    case 'class':
      return new Set(used.map((i) => labels.values[i])).size > 1;
    case 'multilabel':
      return Array.from({ length: labels.width }, (_, k) => k).every(
        (k) => new Set(used.map((i) => labels.values[i * labels.width + k])).size > 1,
      );
    case 'regression':
      return used.length > 1;
    case 'survival':
      return used.length > 1 && used.some((i) => labels.event[i] === 1);
  }
}
