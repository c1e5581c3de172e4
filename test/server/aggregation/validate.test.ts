import { describe, expect, it } from 'vitest';
import { validateUpdate } from '../../../server/aggregation/validate.ts';
import { type BlockId, encoderBlock, JOINT_BLOCK, modalityId, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { SLICE } from '../../../shared/merge/in-slices.ts';
import { measure } from '../../../shared/merge/measure.ts';
import type { BlockUpdate, Update } from '../../../shared/protocol/messages.ts';
import { RING_MAX } from '../../../shared/tensor/ring.ts';

const CT = encoderBlock(modalityId('ct'));
const ASKED = new Map<BlockId, { size: number; share: number }>([
  [JOINT_BLOCK, { size: 4, share: 1000 }],
  [CT, { size: 2, share: 500 }],
]);

function update(blocks: readonly Partial<BlockUpdate>[], changes: Partial<Update> = {}): Update {
  const whole = blocks.map((block) => ({
    block: JOINT_BLOCK,
    weight: 1000,
    steps: 0,
    vector: Int32Array.of(100, -200, 0, 0),
    clipped: false,
    ...block,
  }));
  return {
    site: siteId('site-a'),
    studyHash: sha256('study'),
    round: 1,
    blocks: whole,
    loss: 0.5,
    ...changes,
  };
}

const verdict = (given: Update, fedNova = false) => validateUpdate(given, ASKED, { fedNova });

describe('validateUpdate', () => {
  it('takes what fits the plan, with its facts', async () => {
    const found = await verdict(update([{ clipped: true, vector: Int32Array.of(-1000, 0, 0, 0) }]));
    expect(found).toMatchObject({
      kind: 'valid',
      facts: [{ block: JOINT_BLOCK, share: 1000, clipped: true, saturated: 1, relativeNorm: 1 }],
    });
  });

  it('takes an update that leaves out a block', async () => {
    expect((await verdict(update([{}]))).kind).toBe('valid');
  });

  // ‖q‖ <= a + √d / 2 = 1001 for d = 4: rounding may lengthen each coordinate by half a unit.
  it('allows the norm what rounding may add, and no more', async () => {
    const at = (a: number, b: number) => update([{ vector: Int32Array.of(a, b, 0, 0) }]);
    expect((await verdict(at(1000, 44))).kind).toBe('valid');
    expect(await verdict(at(1000, 45))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('norm'),
    });
  });

  it.each<[string, Update, string]>([
    ['a block that was not asked', update([{ block: encoderBlock(modalityId('labs')) }]), 'not asked'],
    ['a block twice', update([{}, {}]), 'twice'],
    ['no block', update([]), 'at least one'],
    ['a weight above the registered one', update([{ weight: 1001 }]), 'registered 1000'],
    ['a weight below the registered one', update([{ weight: 999 }]), 'registered 1000'],
    ['a weight that is no number', update([{ weight: Number.NaN }]), 'registered 1000'],
    ['a vector too short', update([{ vector: Int32Array.of(1) }]), 'expected 4 values'],
    [
      'a vector of floats',
      update([{ vector: Float32Array.of(1, 2, 3, 4) as unknown as Int32Array }]),
      '32-bit integers',
    ],
    ['a coordinate above the share', update([{ vector: Int32Array.of(0, 0, 0, 1001) }]), '|q| <= 1000'],
    ['the smallest integer', update([{ vector: Int32Array.of(-(2 ** 31), 0, 0, 0) }]), '|q| <= 1000'],
    ['steps without FedNova', update([{ steps: 1 }]), 'expected 0..0'],
    ['a loss that is no number', update([{}], { loss: Number.NaN }), 'finite'],
  ])('refuses %s', async (_, given, reason) => {
    expect(await verdict(given)).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it.each([-1, 1001, 0.5, Number.NaN])('refuses %s steps with FedNova', async (steps) => {
    expect(await verdict(update([{ steps }]), true)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('steps'),
    });
    expect((await verdict(update([{ steps: 1000 }]), true)).kind).toBe('valid');
  });
});

describe('measure', () => {
  it.each([1, 3, 4, 5, 8, 11])('finds norm and range in a vector of %i', async (size) => {
    for (let at = 0; at < size; at++) {
      const vector = new Int32Array(size).fill(3);
      vector[at] = -70;
      const { norm, largest, saturated } = await measure(vector, 70);
      expect([largest, saturated]).toEqual([70, 1]);
      expect(norm).toBeCloseTo(Math.sqrt(70 * 70 + 9 * (size - 1)), 9);
    }
  });

  // ‖(3, 4, …, 3, 4)‖² = 25 for each pair; one coordinate of −100 must show in any slice.
  it('looks through all slices of a large vector', async () => {
    const size = 2 * SLICE + 2;
    const vector = Int32Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 3 : 4));
    expect(await measure(vector, 4)).toEqual({
      norm: 5 * Math.sqrt(size / 2),
      largest: 4,
      saturated: size / 2,
    });
    for (const at of [0, SLICE, size - 1]) {
      const outlier = vector.slice();
      outlier[at] = -100;
      expect(await measure(outlier, 100)).toMatchObject({ largest: 100, saturated: 1 });
      expect(await measure(outlier, 99)).toMatchObject({ largest: 100, saturated: 0 });
    }
  });

  // ‖(60, 80)‖ = 100.
  it('names a bound on the coordinates where none can reach the given one', async () => {
    const { norm, largest, saturated } = await measure(Int32Array.of(60, -80), 101);
    expect([norm, saturated]).toEqual([100, 0]);
    expect(largest).toBeGreaterThanOrEqual(100);
    expect(largest).toBeLessThan(101);
  });

  it('finds the one coordinate that makes up the whole vector', async () => {
    for (const value of [RING_MAX, -RING_MAX]) {
      const found = await measure(Int32Array.of(0, value, 0), RING_MAX);
      expect(found).toEqual({ norm: RING_MAX, largest: RING_MAX, saturated: 1 });
    }
    expect((await measure(Int32Array.of(-(2 ** 31)), RING_MAX)).largest).toBe(2 ** 31);
  });

  it('is zero for an empty vector', async () => {
    expect(await measure(new Int32Array(0), 1)).toEqual({ norm: 0, largest: 0, saturated: 0 });
  });
});
