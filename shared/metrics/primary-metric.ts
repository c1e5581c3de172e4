import type { ScoredTask } from './scored-task.ts';

export interface PrimaryMetric {
  /** A name of `metricsOf`. */
  readonly name: 'auroc' | 'cIndex' | 'rmse';
  readonly better: 'higher' | 'lower';
}

/** What settings and rounds are chosen by, and strategies compared by. Multiclass and multilabel: macro AUROC. */
export function primaryMetric(task: Pick<ScoredTask, 'kind'>): PrimaryMetric {
  switch (task.kind) {
    case 'regression':
      return { name: 'rmse', better: 'lower' };
    case 'survival':
      return { name: 'cIndex', better: 'higher' };
    default:
      return { name: 'auroc', better: 'higher' };
  }
}
