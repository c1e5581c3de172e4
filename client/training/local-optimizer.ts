import { unreachable } from '../../shared/core/unreachable.ts';
import type { LocalOptimizerSpec } from '../../shared/study/study.ts';

/**
 * Turns gradients into steps on flat weights, in plain arithmetic: the same bits on every backend.
 * State lives for one round; a round starts afresh, so nothing of it has to be stored.
 */
export interface LocalOptimizer {
  /** Changes `weights` in place. @param gradient of the loss, same length. Borrowed. */
  step(weights: Float32Array, gradient: Float32Array): void;
}

/** @param size number of weights; each block has its own optimizer, so that a block at rest keeps its moments. */
export function localOptimizer(spec: LocalOptimizerSpec, size: number, weightDecay: number): LocalOptimizer {
  switch (spec.kind) {
    case 'adam':
      return adam(spec, size, weightDecay);
    case 'sgd':
      return sgd(spec, size, weightDecay);
    default:
      return unreachable(spec);
  }
}

/** Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1, with decoupled decay (arXiv:1711.05101). */
function adam(
  { learningRate, beta1, beta2, epsilon }: Extract<LocalOptimizerSpec, { kind: 'adam' }>,
  size: number,
  weightDecay: number,
): LocalOptimizer {
  const first = new Float32Array(size);
  const second = new Float32Array(size);
  let power1 = 1;
  let power2 = 1;
  const decay = 1 - learningRate * weightDecay;
  return {
    step(weights, gradient) {
      power1 *= beta1;
      power2 *= beta2;
      const scale = learningRate / (1 - power1);
      const correction = 1 / (1 - power2);
      for (let i = 0; i < size; i++) {
        const slope = gradient[i] as number;
        const m = beta1 * (first[i] as number) + (1 - beta1) * slope;
        const v = beta2 * (second[i] as number) + (1 - beta2) * slope * slope;
        first[i] = m;
        second[i] = v;
        weights[i] = decay * (weights[i] as number) - (scale * m) / (Math.sqrt(v * correction) + epsilon);
      }
    },
  };
}

function sgd(
  { learningRate, momentum }: Extract<LocalOptimizerSpec, { kind: 'sgd' }>,
  size: number,
  weightDecay: number,
): LocalOptimizer {
  const velocity = momentum > 0 ? new Float32Array(size) : undefined;
  const decay = 1 - learningRate * weightDecay;
  return {
    step(weights, gradient) {
      for (let i = 0; i < size; i++) {
        let slope = gradient[i] as number;
        if (velocity !== undefined) {
          slope += momentum * (velocity[i] as number);
          velocity[i] = slope;
        }
        weights[i] = decay * (weights[i] as number) - learningRate * slope;
      }
    },
  };
}
