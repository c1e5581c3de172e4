import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { releaseBlock } from '../../../client/update/release.ts';
import { JOINT_BLOCK } from '../../../shared/core/ids.ts';

const TERMS = { weight: 1000, clip: 10, perStep: false };

function released(before: number[], after: number[], terms: Partial<typeof TERMS> & { steps?: number } = {}) {
  const { steps = 1, ...rest } = terms;
  const trained = {
    block: JOINT_BLOCK,
    before: Float32Array.from(before),
    after: Float32Array.from(after),
    steps,
  };
  return releaseBlock(trained, { ...TERMS, ...rest });
}

describe('releaseBlock', () => {
  it('sends local − global as its share of the ring', () => {
    // Δ = (3, -4), ‖Δ‖ = 5 < 10: q = 1000 · Δ / 10.
    expect(released([1, 1], [4, -3])).toEqual({
      block: JOINT_BLOCK,
      weight: 1000,
      steps: 0,
      vector: Int32Array.of(300, -400),
      clipped: false,
    });
  });

  it('scales a delta that is too long down to the clip, keeping its direction', () => {
    // Δ = (30, 40), ‖Δ‖ = 50: c = 10/50, so (6, 8), and q = 1000 · (6, 8) / 10.
    const { vector, clipped } = released([0, 0], [30, 40]);
    expect([[...vector], clipped]).toEqual([[600, 800], true]);
  });

  it('leaves a delta as long as the clip as it is', () => {
    const { vector, clipped } = released([0, 0], [6, 8]);
    expect([[...vector], clipped]).toEqual([[600, 800], false]);
  });

  it('never lets one site move more than its share, whatever it trained', () => {
    const weights = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (after, weight) => {
        const { vector } = released(
          after.map(() => 0),
          after,
          { weight },
        );
        const norm = Math.sqrt(vector.reduce((sum, q) => sum + q * q, 0));
        // Each of the d elements is rounded by at most 1/2.
        expect(norm).toBeLessThanOrEqual(weight + Math.sqrt(vector.length) / 2 + 1e-6 * weight);
      }),
    );
  });

  it('divides by the steps and sends their number where the study normalizes by them', () => {
    // Δ = 4 in 4 steps is 1 a step: q = 2^20 · 1 / 10, rounded; header = 2^20 · 4 / 2^16.
    const update = released([0], [4], { weight: 2 ** 20, perStep: true, steps: 4 });
    expect([[...update.vector], update.steps]).toEqual([[104_858], 64]);
  });

  it('does not tell the steps where the study has no use for them', () => {
    expect(released([0], [4], { steps: 4 })).toMatchObject({ vector: Int32Array.of(400), steps: 0 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses the whole block where one weight became %s',
    (value) => {
      expect(() => released([0, 0, 0], [1, value, 2])).toThrow(
        expect.objectContaining({ code: 'NOT_FINITE' }),
      );
    },
  );

  it('refuses a delta that overflows though both ends are finite', () => {
    const largest = 3.4028234663852886e38;
    expect(() => released([-largest], [largest])).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
  });

  it('refuses to send without a registered weight', () => {
    expect(() => released([0], [1], { weight: 0 })).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
  });

  it('refuses weights of another length', () => {
    expect(() => released([0, 0], [1])).toThrow('expected 2 trained weights, got 1');
  });

  it('leaves what it was given as it was', () => {
    const before = Float32Array.of(0, 0);
    const after = Float32Array.of(30, 40);
    releaseBlock({ block: JOINT_BLOCK, before, after, steps: 1 }, TERMS);
    expect([[...before], [...after]]).toEqual([
      [0, 0],
      [30, 40],
    ]);
  });
});
