import { unreachable } from '../../core/unreachable.ts';
import type { Task } from '../../study/study.ts';
import { logSoftmax, sigmoid } from './loss-values.ts';

/**
 * What the logits [n, K] of n patients say: probabilities [n, K] for classification (binary [n]: of class 1), log-risks
 * [n] for survival, standardized values [n] for regression.
 */
export function scoresOf(task: Task, logits: Float32Array, patients: number): Float64Array {
  switch (task.kind) {
    case 'binary':
    case 'multilabel':
      return Float64Array.from(logits, sigmoid);
    case 'multiclass': {
      const width = logits.length / patients;
      const scores = new Float64Array(logits.length);
      for (let i = 0; i < patients; i++) {
        scores.set(logSoftmax(logits, i * width, width).map(Math.exp), i * width);
      }
      return scores;
    }
    case 'regression':
    case 'survival':
      return Float64Array.from(logits);
    default:
      return unreachable(task);
  }
}
