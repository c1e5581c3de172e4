import { describe, expect, it } from 'vitest';
import { addContribution, blockSum } from '../../server/aggregation/block-mean.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { JOINT_BLOCK, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { meanOfSum, memoryOf } from '../../shared/merge/block-sum.ts';
import { fedNovaMean, meanSteps } from '../../shared/merge/fednova.ts';
import { SLICE } from '../../shared/merge/in-slices.ts';
import { type MeanDelta, meanOfValues } from '../../shared/merge/mean-delta.ts';
import { mergeBlock, stepScale } from '../../shared/merge/pipeline.ts';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import { quantize, stepsHeader } from '../../shared/tensor/ring.ts';
import { slowSum } from '../reference/slow-ring.ts';

const MOMENTUM = serverOptimizer({ kind: 'fedavgm', momentum: 0.5 });

/** Comparing tens of thousands of elements one by one takes vitest seconds. */
function hashes(arrays: readonly Float32Array[]): string[] {
  return arrays.map((array) => sha256(bytesOf(array)));
}

describe('mergeBlock', () => {
  // 1 + 0.5 · 2 and −1 + 0.5 · (−4).
  it('adds the scaled step to the weights', async () => {
    const merged = await mergeBlock({
      weights: Float32Array.of(1, -1),
      state: undefined,
      mean: meanOfValues(Float64Array.of(2, -4)),
      optimizer: serverOptimizer({ kind: 'fedavg' }),
      scale: 0.5,
    });
    expect(merged).toMatchObject({
      kind: 'merged',
      weights: Float32Array.of(2, -3),
      deltaNorm: Math.sqrt(20),
      stepNorm: Math.sqrt(5),
    });
  });

  it('rounds once: 2^24 + 1 + 1 keeps both ones, which two roundings would lose', async () => {
    const merged = await mergeBlock({
      weights: Float32Array.of(2 ** 24),
      state: undefined,
      mean: meanOfValues(Float64Array.of(4)),
      optimizer: serverOptimizer({ kind: 'fedavg' }),
      scale: 0.5,
    });
    expect(merged).toMatchObject({ weights: Float32Array.of(2 ** 24 + 2) });
  });

  it('gives the same bits in one piece as in many, moments included', async () => {
    const size = 3 * 8192 + 5;
    const values = Float64Array.from({ length: size }, (_, i) => Math.sin(i));
    const weights = Float32Array.from(values, (value) => value * 2);
    const start = { step: 4, moments: [Float32Array.from(values, (value) => value / 3)] };
    const mean = meanOfValues(values);
    const merged = await mergeBlock({ weights, state: start, mean, optimizer: MOMENTUM, scale: 0.7 });
    const whole = MOMENTUM.step(start, values, MOMENTUM.powers(start.step));
    const expected = weights.map((weight, i) => weight + 0.7 * (whole.step[i] ?? 0));
    if (merged.kind !== 'merged') throw new Error('expected a merge');
    expect(hashes([merged.weights, ...merged.state.moments])).toEqual(
      hashes([expected, ...whole.state.moments]),
    );
    expect(merged.state.step).toBe(5);
  });

  // θ + η · C · Q / A in exact sums, rounded once: what secure aggregation asks of everyone who repeats the step.
  it('agrees with exact integers where the weights take the memory of the sum', async () => {
    const size = SLICE + 5;
    const vectors = [1, 2, 3].map((k) =>
      Int32Array.from({ length: size }, (_, i) => Math.imul(i + k, 2654435761) >> 4),
    );
    const weights = Float32Array.from(vectors[0] ?? [], (value) => value / 2 ** 27);
    const sum = blockSum(size);
    for (const [k, vector] of vectors.entries()) {
      const share = 2 ** 28 + k;
      await addContribution(sum, { site: siteId('site-a'), block: JOINT_BLOCK, share, steps: 0, vector });
    }
    const exact = slowSum(vectors.map((vector) => Array.from(vector, BigInt)));
    const expected = weights.map((w, i) => w + 0.7 * ((10 * Number(exact[i])) / (3 * 2 ** 28 + 3)));
    const merged = await mergeBlock({
      weights,
      state: undefined,
      mean: meanOfSum(sum, 10),
      optimizer: serverOptimizer({ kind: 'fedavg' }),
      scale: 0.7,
      into: memoryOf(sum),
    });
    if (merged.kind !== 'merged') throw new Error('expected a merge');
    expect(merged.weights.buffer).toBe(sum.vector.buffer);
    expect(hashes([merged.weights])).toEqual(hashes([expected]));
  });

  it('lets the event loop have its turn in a large block', async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      if (turns < 3) setImmediate(count);
    };
    setImmediate(count);
    await mergeBlock({
      weights: new Float32Array(2 * SLICE),
      state: undefined,
      mean: meanOfValues(new Float64Array(2 * SLICE)),
      optimizer: serverOptimizer({ kind: 'fedavg' }),
      scale: 1,
    });
    expect(turns).toBe(3);
  });

  // FedAdagrad's second moment starts at τ², not at 0: each piece has to start there.
  it('starts a block of many pieces as it would a small one', async () => {
    const optimizer = serverOptimizer({ kind: 'fedadagrad', learningRate: 0.1, beta1: 0.9, tau: 0.5 });
    const values = Float64Array.from({ length: 2 * 8192 + 5 }, (_, i) => Math.sin(i));
    const weights = new Float32Array(values.length);
    const mean = meanOfValues(values);
    const merged = await mergeBlock({ weights, state: undefined, mean, optimizer, scale: 1 });
    const whole = optimizer.step(optimizer.init(values.length), values, optimizer.powers(0));
    if (merged.kind !== 'merged') throw new Error('expected a merge');
    expect(merged.state.step).toBe(1);
    expect(hashes(merged.state.moments)).toEqual(hashes(whole.state.moments));
  });

  it('starts the moments of a block that was never merged', async () => {
    const input = {
      weights: Float32Array.of(0),
      mean: meanOfValues(Float64Array.of(1)),
      optimizer: MOMENTUM,
      scale: 1,
    };
    const first = await mergeBlock({ ...input, state: undefined });
    expect(first).toMatchObject({ state: { step: 1, moments: [Float32Array.of(1)] } });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e39])(
    'changes nothing where a weight would become %s',
    async (value) => {
      const weights = Float32Array.of(1, 2);
      const mean: MeanDelta = meanOfValues(Float64Array.of(0, value));
      const merged = await mergeBlock({
        weights,
        state: undefined,
        mean,
        optimizer: serverOptimizer({ kind: 'fedavg' }),
        scale: 1,
      });
      expect(merged).toEqual({ kind: 'not-finite' });
      expect([...weights]).toEqual([1, 2]);
    },
  );

  it('changes nothing where a moment would overflow, though the weight would not', async () => {
    const optimizer = serverOptimizer({
      kind: 'fedadam',
      learningRate: 0.1,
      beta1: 0.9,
      beta2: 0.99,
      tau: 0.1,
    });
    const mean = meanOfValues(Float64Array.of(1e30));
    expect(
      await mergeBlock({ weights: Float32Array.of(1), state: undefined, mean, optimizer, scale: 1 }),
    ).toEqual({
      kind: 'not-finite',
    });
  });
});

describe('stepScale', () => {
  const merge = { learningRate: 2, rarityExponent: { from: 0, to: 1 } };

  // β = 0, 1/2, 1 in rounds 1, 6, 11 of 11: 2 · 0.25^β.
  it.each([
    [1, 2],
    [6, 1],
    [11, 0.5],
  ])('anneals the exponent linearly: round %i of 11 gives %f', (round, expected) => {
    expect(stepScale(merge, 0.25, { round, rounds: 11 })).toBe(expected);
  });

  it('uses the first exponent in a study of one round', () => {
    expect(stepScale(merge, 0.25, { round: 1, rounds: 1 })).toBe(2);
  });
});

describe('fedNovaMean', () => {
  // Shares 1 : 3, steps 2 and 10, deltas 2 and −10: per step 1 and −1, mean −1/2; mean steps (2 + 30) / 4 = 8.
  it('weighs directions per step and gives back the mean number of steps', async () => {
    const sum = blockSum(1);
    for (const [name, weight, steps, delta] of [
      ['site-a', 1, 2, 2],
      ['site-b', 3, 10, -10],
    ] as const) {
      const share = weight * 2 ** 28;
      const { vector } = quantize(Float32Array.of(delta), { share, clip: 16, steps });
      await addContribution(sum, {
        site: siteId(name),
        block: JOINT_BLOCK,
        share,
        steps: stepsHeader(share, steps),
        vector,
      });
    }
    expect(meanSteps(sum)).toBe(8);
    const out = new Float64Array(1);
    fedNovaMean(meanOfSum(sum, 16), sum).read(0, out);
    expect(out[0]).toBeCloseTo(-4, 6);
  });
});
