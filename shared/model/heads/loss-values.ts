import { unreachable } from '../../core/unreachable.ts';
import type { Task } from '../../study/study.ts';
import { coxLoss } from './cox.ts';
import type { ValueAndGradient } from './value-and-gradient.ts';

/** What the B patients of a batch are compared with. The kinds go with the tasks; `class` serves binary too. */
export type LossLabels =
  /** [B] class index. */
  | { readonly kind: 'class'; readonly values: Int32Array }
  /** [B, K] of 0 and 1. */
  | { readonly kind: 'multilabel'; readonly values: Uint8Array }
  /** [B], standardized: (y - mean) / deviation. */
  | { readonly kind: 'regression'; readonly values: Float32Array | Float64Array }
  /** [B] each. */
  | { readonly kind: 'survival'; readonly time: Float64Array; readonly event: Uint8Array };

/** The loss of `losses.ts` on plain arrays. @param logits [B, K]. Borrowed, like the rest. */
export function lossAndGradient(
  task: Task,
  logits: Float32Array,
  labels: LossLabels,
  patientWeights?: Float32Array,
): ValueAndGradient {
  const weight = patientWeights === undefined ? () => 1 : (i: number) => patientWeights[i] as number;
  switch (labels.kind) {
    case 'class':
      return task.kind === 'binary'
        ? sigmoidLoss(logits, labels.values, { width: 1, weight })
        : softmaxLoss(logits, labels.values, weight);
    case 'multilabel':
      return sigmoidLoss(logits, labels.values, {
        width: task.kind === 'multilabel' ? task.labels.length : 1,
        weight,
      });
    case 'regression':
      return squaredLoss(logits, labels.values, weight);
    case 'survival':
      return coxLoss(logits, labels.time, labels.event, weight);
    default:
      return unreachable(labels);
  }
}

/** Mean KL(target || logits) for classification, half the squared difference for the rest; logits [B, K]. */
export function divergenceAndGradient(
  task: Task,
  target: Float32Array,
  logits: Float32Array,
  patients: number,
): ValueAndGradient {
  const width = logits.length / patients;
  const gradient = new Float32Array(logits.length);
  let value = 0;
  switch (task.kind) {
    case 'binary':
    case 'multilabel':
      // KL of two coins with logits t and x: p(t - x) + log(1 + e^x) - log(1 + e^t); multilabel: mean over the labels.
      logits.forEach((logit, i) => {
        const reference = target[i] as number;
        const probability = sigmoid(reference);
        value += probability * (reference - logit) + softplus(logit) - softplus(reference);
        gradient[i] = (sigmoid(logit) - probability) / logits.length;
      });
      return { value: value / logits.length, gradient };
    case 'multiclass':
      for (let i = 0; i < patients; i++) {
        const row = logSoftmax(logits, i * width, width);
        const reference = logSoftmax(target, i * width, width);
        for (let k = 0; k < width; k++) {
          const probability = Math.exp(reference[k] as number);
          value += probability * ((reference[k] as number) - (row[k] as number));
          gradient[i * width + k] = (Math.exp(row[k] as number) - probability) / patients;
        }
      }
      return { value: value / patients, gradient };
    case 'regression':
    case 'survival':
      logits.forEach((logit, i) => {
        const difference = logit - (target[i] as number);
        value += difference ** 2 / 2;
        gradient[i] = difference / patients;
      });
      return { value: value / patients, gradient };
    default:
      return unreachable(task);
  }
}

/** Sigmoid cross-entropy: softplus(x) - x·y, which is stable for any x; mean over the labels of a patient. */
function sigmoidLoss(
  logits: Float32Array,
  labels: Int32Array | Uint8Array,
  options: { readonly width: number; readonly weight: (patient: number) => number },
): ValueAndGradient {
  const { width, weight } = options;
  sameLength(logits.length, labels.length);
  const gradient = new Float32Array(logits.length);
  let value = 0;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] as number;
    const label = labels[i] as number;
    const share = weight(Math.floor(i / width)) / logits.length;
    value += share * (softplus(logit) - logit * label);
    gradient[i] = share * (sigmoid(logit) - label);
  }
  return { value, gradient };
}

function softmaxLoss(
  logits: Float32Array,
  labels: Int32Array,
  weight: (patient: number) => number,
): ValueAndGradient {
  const patients = labels.length;
  const width = logits.length / patients;
  const gradient = new Float32Array(logits.length);
  let value = 0;
  for (let i = 0; i < patients; i++) {
    const label = labels[i] as number;
    if (!(label >= 0 && label < width))
      throw new Error(`loss: expected a class in [0, ${width}), got ${label}`);
    const row = logSoftmax(logits, i * width, width);
    const share = weight(i) / patients;
    value -= share * (row[label] as number);
    row.forEach((logProbability, k) => {
      gradient[i * width + k] = share * (Math.exp(logProbability) - (k === label ? 1 : 0));
    });
  }
  return { value, gradient };
}

/** Half the squared error, so that the gradient is the error. */
function squaredLoss(
  predictions: Float32Array,
  targets: Float32Array | Float64Array,
  weight: (patient: number) => number,
): ValueAndGradient {
  sameLength(predictions.length, targets.length);
  const gradient = new Float32Array(predictions.length);
  let value = 0;
  for (let i = 0; i < predictions.length; i++) {
    const error = (predictions[i] as number) - (targets[i] as number);
    const share = weight(i) / predictions.length;
    value += (share * error ** 2) / 2;
    gradient[i] = share * error;
  }
  return { value, gradient };
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Of `width` values from `offset`. */
export function logSoftmax(logits: ArrayLike<number>, offset: number, width: number): Float64Array {
  const row = Float64Array.from({ length: width }, (_, k) => logits[offset + k] as number);
  const highest = Math.max(...row);
  let total = 0;
  for (const logit of row) total += Math.exp(logit - highest);
  const normalizer = highest + Math.log(total);
  return row.map((logit) => logit - normalizer);
}

function sameLength(logits: number, labels: number): void {
  if (logits !== labels)
    throw new Error(`loss: expected as many labels as logits, got ${labels} for ${logits}`);
}
