import { describe, expect, it } from 'vitest';
import { measure, validateUpdate } from '../../../server/aggregation/validate.ts';
import { type BlockId, encoderBlock, JOINT_BLOCK, modalityId, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { BlockUpdate, Update } from '../../../shared/protocol/messages.ts';

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
  it('takes what fits the plan, with its facts', () => {
    const found = verdict(update([{ clipped: true, vector: Int32Array.of(-1000, 0, 0, 0) }]));
    expect(found).toMatchObject({
      kind: 'valid',
      facts: [{ block: JOINT_BLOCK, share: 1000, clipped: true, saturated: 1, relativeNorm: 1 }],
    });
  });

  it('takes an update that leaves out a block', () => {
    expect(verdict(update([{}])).kind).toBe('valid');
  });

  // ‖q‖ <= a + √d / 2 = 1001 for d = 4: rounding may lengthen each coordinate by half a unit.
  it('allows the norm what rounding may add, and no more', () => {
    const at = (a: number, b: number) => update([{ vector: Int32Array.of(a, b, 0, 0) }]);
    expect(verdict(at(1000, 44)).kind).toBe('valid');
    expect(verdict(at(1000, 45))).toMatchObject({ kind: 'refused', reason: expect.stringContaining('norm') });
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
  ])('refuses %s', (_, given, reason) => {
    expect(verdict(given)).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it.each([-1, 1001, 0.5, Number.NaN])('refuses %s steps with FedNova', (steps) => {
    expect(verdict(update([{ steps }]), true)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('steps'),
    });
    expect(verdict(update([{ steps: 1000 }]), true).kind).toBe('valid');
  });
});

describe('measure', () => {
  it.each([1, 3, 4, 5, 8, 11])('finds norm and range in a vector of %i', (size) => {
    for (let at = 0; at < size; at++) {
      const vector = new Int32Array(size).fill(3);
      vector[at] = -70;
      const { norm, largest, saturated } = measure(vector, 70);
      expect([largest, saturated]).toEqual([70, 1]);
      expect(norm).toBeCloseTo(Math.sqrt(70 * 70 + 9 * (size - 1)), 9);
    }
  });

  it('is zero for an empty vector', () => {
    expect(measure(new Int32Array(0), 1)).toEqual({ norm: 0, largest: 0, saturated: 0 });
  });
});
