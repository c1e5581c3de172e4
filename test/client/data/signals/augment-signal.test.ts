import { describe, expect, it } from 'vitest';
import { augmentSignal } from '../../../../client/data/signals/augment-signal.ts';
import { seededRandom } from '../../../../shared/core/random.ts';

const SHAPE = { samples: 100, channels: 3 };
const OFF = { shift: 0, scale: 0, noise: 0, leadDropout: 0 };

/** Lead 0 counts up from 1, lead 1 is 0 throughout, lead 2 counts down from -1. */
const VALUES = Float32Array.from({ length: 300 }, (_, i) => {
  const sample = Math.floor(i / 3) + 1;
  return [sample, 0, -sample][i % 3] as number;
});

function augment(spec: Partial<typeof OFF>, seed: number): Float32Array {
  return augmentSignal(VALUES, { ...OFF, ...spec }, { shape: SHAPE, random: seededRandom('test', seed) });
}

function lead(values: Float32Array, index: number): number[] {
  return [...values].filter((_, i) => i % 3 === index);
}

describe('augmentSignal', () => {
  it('changes nothing when all is off, and never its argument', () => {
    const before = VALUES.slice();
    expect(augment({}, 1)).toEqual(VALUES);
    augment({ shift: 0.3, scale: 0.5, noise: 1, leadDropout: 0.5 }, 1);
    expect(VALUES).toEqual(before);
  });

  it('gives the same variant for the same stream, and another for another', () => {
    const spec = { shift: 0.3, scale: 0.5, noise: 1, leadDropout: 0.3 };
    expect(augment(spec, 1)).toEqual(augment(spec, 1));
    expect(augment(spec, 1)).not.toEqual(augment(spec, 2));
  });

  it('moves all leads by one draw, forward or backward, at most as far as told', () => {
    const shifts = Array.from({ length: 40 }, (_, seed) => {
      const moved = augment({ shift: 0.1 }, seed);
      const first = lead(moved, 0);
      const at = first.findIndex((value) => value !== 0);
      const shift = at > 0 ? at : 1 - (first[0] as number);
      expect(lead(moved, 2).map((value) => 0 - value)).toEqual(first);
      return shift;
    });
    expect(Math.max(...shifts)).toBeGreaterThan(5);
    expect(Math.min(...shifts)).toBeLessThan(-5);
    expect(Math.max(...shifts.map(Math.abs))).toBeLessThanOrEqual(10);
  });

  it('scales all leads by one draw within bounds', () => {
    const scales = Array.from({ length: 40 }, (_, seed) => {
      const scaled = augment({ scale: 0.2 }, seed);
      const scale = scaled[0] as number;
      // Lead 2 starts at -1.
      expect(scaled[2]).toBe(-scale);
      return scale;
    });
    expect(Math.max(...scales)).toBeGreaterThan(1.1);
    expect(Math.min(...scales)).toBeLessThan(0.9);
    expect(Math.max(...scales.map((scale) => Math.abs(scale - 1)))).toBeLessThanOrEqual(0.2);
  });

  it('adds noise of the deviation that is told, not of its square, and none to a missing lead', () => {
    const noisy = augment({ noise: 3 }, 1);
    const noise = lead(noisy, 0).map((value, i) => value - (i + 1));
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value ** 2, 0) / noise.length);
    // The deviation of 100 draws is within 3 · 3 / √200 = 0.64 of 3; of the square, it would be 9.
    expect(Math.abs(deviation - 3)).toBeLessThan(0.64);
    expect(lead(noisy, 1)).toEqual(Array(100).fill(0));
  });

  it('drops leads as often as told, and never the last', () => {
    let dropped = 0;
    for (let seed = 0; seed < 400; seed++) {
      const out = augment({ leadDropout: 0.5 }, seed);
      const kept = [0, 2].filter((index) => lead(out, index).some((value) => value !== 0));
      expect(kept.length).toBeGreaterThan(0);
      dropped += 2 - kept.length;
    }
    // Of two leads, one is dropped in 1/2 + 1/4 (both drawn, one put back) of 400 = 300, deviation √(400 · 3/16) = 8.7.
    expect(Math.abs(dropped - 300)).toBeLessThan(3 * 8.7);
  });

  it('leaves an instance without signal as it is', () => {
    const empty = new Float32Array(300);
    const out = augmentSignal(
      empty,
      { shift: 0.5, scale: 1, noise: 1, leadDropout: 0.9 },
      { shape: SHAPE, random: seededRandom('test') },
    );
    expect(out).toEqual(empty);
  });
});
