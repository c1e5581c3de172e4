import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localOptimizer } from '../../../client/training/local-optimizer.ts';
import type { LocalOptimizerSpec } from '../../../shared/study/study.ts';
import { slowAdam, slowSgd } from '../../reference/slow-local-optimizers.ts';

const ADAM = { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** One weight after some steps. */
function weightAfter(
  spec: LocalOptimizerSpec,
  start: number,
  gradients: readonly number[],
  weightDecay = 0,
): number {
  const weights = Float32Array.of(start);
  const optimizer = localOptimizer(spec, 1, weightDecay);
  for (const gradient of gradients) optimizer.step(weights, Float32Array.of(gradient));
  return weights[0] as number;
}

const gradients = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 30 });
const start = fc.float({ min: -2, max: 2, noNaN: true });

describe('Adam', () => {
  it('takes a first step of the learning rate, however large the gradient', () => {
    // m̂ = g and v̂ = g², so the step is .1 · g / (|g| + 1e-8).
    expect(weightAfter(ADAM, 1, [0.5])).toBeCloseTo(0.9, 6);
    expect(weightAfter(ADAM, 1, [-500])).toBeCloseTo(1.1, 6);
  });

  it('corrects the second step for the moments’ start at 0', () => {
    // β₁ = .5, β₂ = .75, g = 1 then 2: m₂ = .5·.5 + .5·2 = 1.25, m̂ = 1.25 / (1 − .25) = 5/3;
    // v₂ = .75·.25 + .25·4 = 1.1875, v̂ = 1.1875 / (1 − .5625) = 19/7. First step −.1, second −.1 · (5/3) / √(19/7).
    const spec = { ...ADAM, beta1: 0.5, beta2: 0.75 };
    expect(weightAfter(spec, 0, [1, 2])).toBeCloseTo(-0.1 - (0.1 * (5 / 3)) / Math.sqrt(19 / 7), 6);
  });

  it('adds ε outside of the root', () => {
    // g = 1, ε = 1: the step is .1 · 1 / (1 + 1); inside of the root it would be .1 / √2.
    expect(weightAfter({ ...ADAM, epsilon: 1 }, 0, [1])).toBeCloseTo(-0.05, 6);
  });

  it('decays the weight by itself, not through the moments', () => {
    // g = 0: the step is 0 and w ← (1 − .1 · .5) · w. Through the gradient it would move by the learning rate, .1.
    expect(weightAfter(ADAM, 2, [0], 0.5)).toBeCloseTo(1.9, 6);
  });

  it('agrees with Algorithm 1 written out', () => {
    fc.assert(
      fc.property(start, gradients, fc.constantFrom(0, 0.1), (from, history, decay) => {
        const slow = slowAdam(from, history, { rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, decay });
        const spec = { ...ADAM, learningRate: 0.01, beta2: 0.99, epsilon: 1e-3 };
        // Weights and moments are kept as float32: half an ulp of 2, 1.2e-7, a step.
        expect(Math.abs(weightAfter(spec, from, history, decay) - slow)).toBeLessThan(1e-5);
      }),
    );
  });

  it('stands still without a gradient', () => {
    expect(weightAfter(ADAM, 0.25, [0, 0, 0])).toBe(0.25);
  });
});

describe('SGD', () => {
  const sgd = (momentum: number) => ({ kind: 'sgd', learningRate: 0.1, momentum }) as const;

  it('moves against the gradient', () => {
    expect(weightAfter(sgd(0), 1, [2])).toBeCloseTo(0.8, 6);
  });

  it('carries its velocity on', () => {
    // v: 1, then .5 · 1 + 1 = 1.5, then .75: w = −.1 · (1 + 1.5 + .75).
    expect(weightAfter(sgd(0.5), 0, [1, 1, 0])).toBeCloseTo(-0.325, 6);
  });

  it('has none without momentum', () => {
    expect(weightAfter(sgd(0), 0, [1, 1, 0])).toBeCloseTo(-0.2, 6);
  });

  it('decays the weight by itself, which leaves the velocity alone', () => {
    // (1 − .1 · .5) · 2 = 1.9 and again: 1.805. In the gradient, momentum would carry the decay on.
    expect(weightAfter(sgd(0.5), 2, [0, 0], 0.5)).toBeCloseTo(1.805, 6);
  });

  it('agrees with the sum over the past', () => {
    fc.assert(
      fc.property(start, gradients, fc.constantFrom(0, 0.5, 0.9), (from, history, momentum) => {
        const slow = slowSgd(from, history, { rate: 0.01, momentum, decay: 0.1 });
        const fast = weightAfter({ kind: 'sgd', learningRate: 0.01, momentum }, from, history, 0.1);
        expect(Math.abs(fast - slow)).toBeLessThan(1e-5);
      }),
    );
  });
});

describe('localOptimizer', () => {
  it.each([ADAM, { kind: 'sgd', learningRate: 0.1, momentum: 0.9 } as const])(
    'of kind $kind treats every weight by itself and leaves the gradient as it was',
    (spec) => {
      const optimizer = localOptimizer(spec, 3, 0.01);
      const weights = Float32Array.of(1, -2, 0);
      const gradient = Float32Array.of(0.5, -3, 0);
      optimizer.step(weights, gradient);
      optimizer.step(weights, gradient);
      expect([...gradient]).toEqual([0.5, -3, 0]);
      const alone = [1, -2, 0].map((from, i) =>
        weightAfter(spec, from, [gradient[i], gradient[i]] as number[], 0.01),
      );
      expect([...weights]).toEqual(alone);
    },
  );

  it('shares no state with another of the same settings', () => {
    const spec = { kind: 'sgd', learningRate: 0.1, momentum: 0.9 } as const;
    const [first, second] = [localOptimizer(spec, 1, 0), localOptimizer(spec, 1, 0)];
    first.step(Float32Array.of(0), Float32Array.of(5));
    const weights = Float32Array.of(0);
    second.step(weights, Float32Array.of(0));
    expect(weights[0]).toBeCloseTo(0, 10);
  });
});
