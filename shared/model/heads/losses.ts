import { type Scalar, type Tensor, tf } from '../../compute/tf.ts';
import type { Task } from '../../study/study.ts';
import { divergenceAndGradient, type LossLabels, lossAndGradient } from './loss-values.ts';
import type { ValueAndGradient } from './value-and-gradient.ts';

/**
 * loss(logits [B, K], labels of the B patients, weights [B]?) → scalar. Given.
 *
 * Classification and regression: (1/B) · sum of w_i · loss_i, so that with w_i = 1/|S_i| on available and 0 on absent
 * patients, summed over modalities, it is the unimodal loss. Survival: `cox.ts`, (1/B) too; weight 0 takes a patient
 * out of the risk sets. A loss is computed on plain arrays in double precision with its closed gradient, as one
 * differentiable operation: for the few numbers of a batch that beats a graph of a dozen small ones.
 */
export type Loss = (logits: Tensor, labels: LossLabels, patientWeights?: Float32Array) => Scalar;

export function lossOf(task: Task): Loss {
  return (logits, labels, patientWeights) =>
    differentiable(logits, (values) => lossAndGradient(task, values, labels, patientWeights));
}

/**
 * Mean over the B patients of KL(target || prediction) for classification, of half the squared difference for the rest.
 * @param target [B, K] logits, plain: nothing flows back into it.
 */
export function divergenceOf(task: Task): (target: Float32Array, logits: Tensor) => Scalar {
  return (target, logits) =>
    differentiable(logits, (values) =>
      divergenceAndGradient(task, target, values, logits.shape[0] as number),
    );
}

/** A scalar of `logits` whose value and gradient come from `compute`. */
function differentiable(logits: Tensor, compute: (values: Float32Array) => ValueAndGradient): Scalar {
  const run = tf.customGrad<Scalar>((...args) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const { value, gradient } = compute(input.dataSync() as Float32Array);
    save([tf.tensor(gradient, input.shape)]);
    return { value: tf.scalar(value), gradFunc: (dy, saved) => tf.mul(dy, saved[0] as Tensor) };
  });
  return run(logits);
}
