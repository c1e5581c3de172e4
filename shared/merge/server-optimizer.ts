import { unreachable } from '../core/unreachable.ts';
import type { ServerOptimizerSpec } from '../study/study.ts';

/** What an optimizer remembers of one block. Frozen: a step makes a new one. */
export interface OptimizerState {
  /** Steps that this block has taken; rounds in which it rested do not count. */
  readonly step: number;
  /** As many arrays as {@link ServerOptimizer.slots}, each [d]; rounded once to float32 per step. */
  readonly moments: readonly Float32Array[];
}

/** beta^t of the t-th step of a block; 0 where an optimizer has no such factor. */
export interface StepPowers {
  readonly beta1: number;
  readonly beta2: number;
}

/**
 * Turns the holders' mean change of one block into the direction that the block moves in. Works coordinate by
 * coordinate, so that it may be called on any slice of a block with the same slice of its moments.
 */
export interface ServerOptimizer {
  /** Moments per value. */
  readonly slots: number;
  init(size: number): OptimizerState;
  /**
   * Of the step after `step` others. Computed once and handed on: processors and releases may differ in the last bit of
   * a power, and in nothing else that a step is made of.
   */
  powers(step: number): StepPowers;
  /**
   * @param meanDelta weighted mean over holders of (local − global), float64: it points where the sites moved. Borrowed.
   * @param powers of this very step.
   * @returns the next state, and the step to *add* to the weights after scaling; the arguments stay as they were. The
   * step may be `meanDelta` itself: it is not to be written to.
   */
  step(
    state: OptimizerState,
    meanDelta: Float64Array,
    powers: StepPowers,
  ): { state: OptimizerState; step: Float64Array };
}

export function serverOptimizer(spec: ServerOptimizerSpec): ServerOptimizer {
  switch (spec.kind) {
    case 'fedavg':
      return fedAvg();
    case 'fedavgm':
      return fedAvgM(spec);
    case 'fedadagrad':
      return adaptive({ ...spec, beta2: undefined }, (v, square) => v + square);
    case 'fedadam':
      return adaptive(spec, (v, square) => spec.beta2 * v + (1 - spec.beta2) * square);
    case 'fedyogi':
      return adaptive(spec, (v, square) => v - (1 - spec.beta2) * square * Math.sign(v - square));
    default:
      return unreachable(spec);
  }
}

const NO_POWERS: StepPowers = { beta1: 0, beta2: 0 };

/** The mean itself. McMahan et al. 2017, arXiv:1602.05629. */
function fedAvg(): ServerOptimizer {
  return {
    slots: 0,
    init: () => ({ step: 0, moments: [] }),
    powers: () => NO_POWERS,
    step: (state, meanDelta) => ({
      state: { step: state.step + 1, moments: [] },
      step: meanDelta,
    }),
  };
}

/** Server momentum: v ← momentum · v + Δ; step = v. Hsu, Qi & Brown 2019, arXiv:1909.06335. `momentum` 0 is FedAvg. */
function fedAvgM({ momentum }: { readonly momentum: number }): ServerOptimizer {
  return {
    slots: 1,
    init: (size) => ({ step: 0, moments: [new Float32Array(size)] }),
    powers: () => NO_POWERS,
    step(state, meanDelta) {
      const [velocity] = state.moments as [Float32Array];
      const next = new Float32Array(meanDelta.length);
      const step = new Float64Array(meanDelta.length);
      for (let i = 0; i < step.length; i++) {
        const v = momentum * (velocity[i] as number) + (meanDelta[i] as number);
        next[i] = v;
        step[i] = v;
      }
      return { state: { step: state.step + 1, moments: [next] }, step };
    },
  };
}

interface AdaptiveOptions {
  readonly learningRate: number;
  readonly beta1: number;
  /** undefined: the second moment is a plain sum and is not bias-corrected. */
  readonly beta2: number | undefined;
  readonly tau: number;
}

/**
 * FedAdagrad, FedAdam, FedYogi: Reddi et al. 2021, arXiv:2003.00295, Algorithm 2.
 * m ← β1 · m + (1 − β1) · Δ; v ← `nextSecond`(v, Δ²); step = learningRate · m̂ / (√v̂ + τ).
 * Differs from the paper in one thing: m, and the v of Adam and Yogi, are divided by 1 − β^t, with t the steps of
 * *this block*, and v starts at 0 (Adagrad's sum starts at τ², as there): a block that joins late or rests moves at
 * full size from its first step.
 */
function adaptive(
  options: AdaptiveOptions,
  nextSecond: (v: number, square: number) => number,
): ServerOptimizer {
  const { learningRate, beta1, beta2, tau } = options;
  return {
    slots: 2,
    init: (size) => ({
      step: 0,
      moments: [new Float32Array(size), new Float32Array(size).fill(beta2 === undefined ? tau * tau : 0)],
    }),
    powers: (step) => ({
      beta1: beta1 ** (step + 1),
      beta2: beta2 === undefined ? NO_POWERS.beta2 : beta2 ** (step + 1),
    }),
    step(state, meanDelta, powers) {
      const [first, second] = state.moments as [Float32Array, Float32Array];
      const count = state.step + 1;
      const firstBias = 1 - powers.beta1;
      const secondBias = 1 - powers.beta2;
      const nextFirst = new Float32Array(meanDelta.length);
      const nextSecondMoment = new Float32Array(meanDelta.length);
      const step = new Float64Array(meanDelta.length);
      for (let i = 0; i < step.length; i++) {
        const delta = meanDelta[i] as number;
        const m = beta1 * (first[i] as number) + (1 - beta1) * delta;
        const v = nextSecond(second[i] as number, delta * delta);
        nextFirst[i] = m;
        nextSecondMoment[i] = v;
        step[i] = (learningRate * (m / firstBias)) / (Math.sqrt(v / secondBias) + tau);
      }
      return { state: { step: count, moments: [nextFirst, nextSecondMoment] }, step };
    },
  };
}
