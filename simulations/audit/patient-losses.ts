import type { Labels } from '../../client/data/cohort.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Task } from '../../shared/study/study.ts';

const SMALLEST = 1e-12;

/**
 * How badly each patient is predicted: the negative log-likelihood of the label, of several labels their mean; the squared
 * difference where the label is a number.
 * @param scores [patients, outputs] as `SubsetScores` has them.
 * @throws ConsiliumError `INTERNAL` for survival, whose loss is one of all patients together.
 */
export function patientLosses(task: Task, scores: Float32Array, labels: Labels): Float64Array {
  const surprise = (probability: number) => -Math.log(Math.max(SMALLEST, probability));
  switch (labels.kind) {
    case 'class': {
      const width = task.kind === 'binary' ? 1 : labels.classes;
      return Float64Array.from(labels.values, (label, i) =>
        width === 1
          ? surprise(label === 1 ? (scores[i] as number) : 1 - (scores[i] as number))
          : surprise(scores[i * width + label] as number),
      );
    }
    case 'multilabel': {
      const { width, values } = labels;
      return Float64Array.from({ length: values.length / width }, (_, i) => {
        let sum = 0;
        for (let k = i * width; k < (i + 1) * width; k++) {
          sum += surprise(values[k] === 1 ? (scores[k] as number) : 1 - (scores[k] as number));
        }
        return sum / width;
      });
    }
    case 'regression':
      return labels.values.map((value, i) => (value - (scores[i] as number)) ** 2);
    case 'survival':
      throw new ConsiliumError('INTERNAL', 'patient losses: expected a task with a loss of each patient');
  }
}
