/** What metrics need to know of a study's task; every `Task` of a study is one. */
export type ScoredTask =
  | { readonly kind: 'binary' }
  | { readonly kind: 'multiclass'; readonly levels: readonly unknown[] }
  | { readonly kind: 'multilabel'; readonly labels: readonly unknown[] }
  | { readonly kind: 'regression' }
  | { readonly kind: 'survival' };

/** The truth of n patients, in the order of their scores. */
export type TrueLabels =
  /** [n] class index; binary: 0 or 1. */
  | { readonly kind: 'class'; readonly values: Int32Array }
  /** [n, width] of 0 and 1. */
  | { readonly kind: 'multilabel'; readonly values: Uint8Array; readonly width: number }
  | { readonly kind: 'regression'; readonly values: Float64Array }
  | { readonly kind: 'survival'; readonly time: Float64Array; readonly event: Uint8Array };

/** K, the scores of one patient: 1 for binary, regression and survival; classes or labels otherwise. */
export function outputsOf(task: ScoredTask): number {
  if (task.kind === 'multiclass') return task.levels.length;
  return task.kind === 'multilabel' ? task.labels.length : 1;
}
