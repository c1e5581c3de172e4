import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import type { ServerOptimizerSpec } from '../../shared/study/study.ts';
import { slowStep } from '../reference/slow-optimizers.ts';

const OPTIONS = { rate: 0.1, momentum: 0.9, beta1: 0.9, beta2: 0.99, tau: 0.01 };
const { rate: learningRate, momentum, beta1, beta2, tau } = OPTIONS;
const SPECS: readonly ServerOptimizerSpec[] = [
  { kind: 'fedavg' },
  { kind: 'fedavgm', momentum },
  { kind: 'fedadagrad', learningRate, beta1, tau },
  { kind: 'fedadam', learningRate, beta1, beta2, tau },
  { kind: 'fedyogi', learningRate, beta1, beta2, tau },
];

function stepsOf(spec: ServerOptimizerSpec, deltas: readonly number[]): { step: number; count: number } {
  const optimizer = serverOptimizer(spec);
  let state = optimizer.init(1);
  let step = 0;
  for (const delta of deltas) {
    const result = optimizer.step(state, Float64Array.of(delta), optimizer.powers(state.step));
    state = result.state;
    step = result.step[0] ?? Number.NaN;
  }
  return { step, count: state.step };
}

describe.each(SPECS)('serverOptimizer $kind', (spec) => {
  it('agrees with the sums over the whole history', () => {
    const delta = fc.oneof(
      fc.constant(0),
      fc.double({ min: -3, max: 3, noNaN: true }).filter((x) => Math.abs(x) > 1e-3),
    );
    fc.assert(
      fc.property(fc.array(delta, { minLength: 1, maxLength: 12 }), (deltas) => {
        const expected = slowStep(spec.kind, deltas, OPTIONS);
        // Moments are kept in float32: 2^-24 relative at each step.
        expect(Math.abs(stepsOf(spec, deltas).step - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
      }),
    );
  });

  it('leaves its arguments as they were and works on any slice alike', () => {
    const optimizer = serverOptimizer(spec);
    const first = optimizer.step(optimizer.init(3), Float64Array.of(1, -2, 0.5), optimizer.powers(0)).state;
    const copies = first.moments.map((moment) => moment.slice());
    const delta = Float64Array.of(0.3, 0, -1);
    const whole = optimizer.step(first, delta, optimizer.powers(1));
    expect(first.moments).toEqual(copies);
    expect([...delta]).toEqual([0.3, 0, -1]);
    const tail = { step: first.step, moments: first.moments.map((moment) => moment.subarray(1)) };
    expect([...optimizer.step(tail, delta.subarray(1), optimizer.powers(1)).step]).toEqual([
      ...whole.step.subarray(1),
    ]);
  });

  it('counts its own steps', () => {
    expect(stepsOf(spec, [1, 2, 3]).count).toBe(3);
  });
});

describe('serverOptimizer by hand', () => {
  // v = 0.9 · 1 + 2 = 2.9.
  it('fedavgm carries nine tenths of the last step on', () => {
    expect(stepsOf({ kind: 'fedavgm', momentum: 0.9 }, [1, 2]).step).toBeCloseTo(2.9, 6);
  });

  // m̂ = Δ and v̂ = Δ² after one step: 0.1 · 2 / (2 + 0.01).
  it('fedadam takes its first step at full size', () => {
    expect(stepsOf({ kind: 'fedadam', learningRate, beta1, beta2, tau }, [2]).step).toBeCloseTo(
      0.2 / 2.01,
      6,
    );
  });

  // v = 0.01² + 9 + 16; m = 0.9 · 0.1 · 3 + 0.1 · 4 = 0.67, m̂ = 0.67 / 0.19.
  it('fedadagrad divides by the root of all squares', () => {
    const expected = (0.1 * (0.67 / 0.19)) / (Math.sqrt(25.0001) + 0.01);
    expect(stepsOf({ kind: 'fedadagrad', learningRate, beta1, tau }, [3, 4]).step).toBeCloseTo(expected, 6);
  });

  // v1 = 0.01 · 100 = 1; Δ² = 4 > v1, so v2 = 1 + 0.01 · 4 = 1.04, over 1 − 0.99² = 0.0199.
  it('fedyogi moves its second moment by the sign of the surprise', () => {
    const m = (0.9 * 0.1 * 10 + 0.1 * 2) / 0.19;
    const expected = (0.1 * m) / (Math.sqrt(1.04 / 0.0199) + 0.01);
    expect(stepsOf({ kind: 'fedyogi', learningRate, beta1, beta2, tau }, [10, 2]).step).toBeCloseTo(
      expected,
      5,
    );
  });
});
