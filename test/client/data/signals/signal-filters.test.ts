import { describe, expect, it } from 'vitest';
import { highpass, lowpass, notch, zeroPhase } from '../../../../client/data/signals/biquad.ts';
import { fillGaps } from '../../../../client/data/signals/gaps.ts';
import { resample, resampledLength, resampler } from '../../../../client/data/signals/resample.ts';
import { reasonOf, vector } from './signal-files.ts';

const SCIPY = vector<{
  rateHz: number;
  input: number[];
  filters: {
    name: string;
    highpass?: number;
    lowpass?: number;
    notch?: number;
    padding: number;
    expected: number[];
  }[];
  resampled: { fromHz: number; toHz: number; expected: number[] }[];
}>('scipy');

function closeTo(found: Float64Array, expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...expected.map((value, i) => Math.abs(value - (found[i] as number))));
  expect(largest).toBeLessThan(tolerance);
}

function sine(hertz: number, rateHz: number, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / rateHz));
}

/** Of the middle half, where ends do not reach. */
function amplitude(values: Float64Array): number {
  const middle = values.slice(values.length / 4, (3 * values.length) / 4);
  return Math.sqrt((2 * middle.reduce((sum, value) => sum + value ** 2, 0)) / middle.length);
}

describe('zeroPhase', () => {
  it.each(SCIPY.filters)('agrees with scipy: $name', (known) => {
    const sections = [
      known.highpass === undefined ? [] : [highpass(known.highpass, SCIPY.rateHz)],
      known.lowpass === undefined ? [] : [lowpass(known.lowpass, SCIPY.rateHz)],
      known.notch === undefined ? [] : [notch(known.notch, SCIPY.rateHz)],
    ].flat();
    closeTo(zeroPhase(Float64Array.from(SCIPY.input), sections, known.padding), known.expected, 1e-7);
  });

  it('halves the amplitude at the corner, since a section of 1/√2 counts twice', () => {
    expect(amplitude(zeroPhase(sine(40, 1000, 4000), [lowpass(40, 1000)], 1000))).toBeCloseTo(0.5, 3);
    expect(amplitude(zeroPhase(sine(5, 1000, 4000), [highpass(5, 1000)], 1000))).toBeCloseTo(0.5, 3);
    expect(amplitude(zeroPhase(sine(50, 1000, 20000), [notch(50, 1000)], 1000))).toBeLessThan(1e-3);
    expect(amplitude(zeroPhase(sine(45, 1000, 20000), [notch(50, 1000)], 1000))).toBeGreaterThan(0.95);
  });

  it('takes away a constant without a step at the ends, and keeps it in a low pass', () => {
    const flat = new Float64Array(50).fill(7);
    for (const value of zeroPhase(flat, [highpass(0.5, 100)], 200))
      expect(Math.abs(value)).toBeLessThan(1e-9);
    for (const value of zeroPhase(flat, [lowpass(10, 100)], 200)) expect(value).toBeCloseTo(7, 9);
  });

  it('filters one value and none', () => {
    expect([...zeroPhase(Float64Array.of(3), [lowpass(10, 100)], 20)].map(Math.round)).toEqual([3]);
    expect(zeroPhase(new Float64Array(), [lowpass(10, 100)], 20).length).toBe(0);
  });
});

describe('resample', () => {
  it.each(SCIPY.resampled)('agrees with scipy: $fromHz to $toHz Hz', ({ fromHz, toHz, expected }) => {
    const filter = resampler(fromHz, toHz);
    const count = resampledLength(SCIPY.input.length, filter);
    closeTo(resample(Float64Array.from(SCIPY.input), filter, { from: 0, count }), expected, 1e-8);
  });

  it('keeps a sine that both rates hold, in amplitude and time', () => {
    for (const [from, to] of [
      [500, 100],
      [360, 250],
      [100, 250],
      [199.9, 100],
      [256.41, 128],
    ] as const) {
      const filter = resampler(from, to);
      const out = resample(sine(7, from, 4000), filter, { from: 100, count: 200 });
      const expected = Array.from({ length: 200 }, (_, i) => Math.sin((2 * Math.PI * 7 * (i + 100)) / to));
      closeTo(out, expected, 2e-3);
    }
  });

  it('lets nothing through that the new rate would show as another frequency', () => {
    // 80 Hz at 100 Hz would look like 20 Hz.
    const out = resample(sine(80, 500, 5000), resampler(500, 100), { from: 0, count: 1000 });
    expect(amplitude(out)).toBeLessThan(1e-3);
  });

  it('keeps a constant to the last sample', () => {
    const out = resample(new Float64Array(50).fill(3), resampler(500, 360), { from: 0, count: 36 });
    for (const value of out) expect(value).toBeCloseTo(3, 3);
  });

  it('gives the same samples whole and in parts', () => {
    const input = Float64Array.from(SCIPY.input);
    const filter = resampler(250, 100);
    const whole = resample(input, filter, { from: 0, count: 72 });
    expect(resample(input, filter, { from: 30, count: 20 })).toEqual(whole.slice(30, 50));
  });

  it('refuses rates that are worlds apart', async () => {
    expect(await reasonOf(() => resampler(1e-7, 100))).toBe('wrong-shape');
    expect(await reasonOf(() => resampler(1e9, 100))).toBe('wrong-shape');
    expect(await reasonOf(() => resampler(Number.MIN_VALUE, 100))).toBe('wrong-shape');
    expect(await reasonOf(() => resampler(Number.MAX_VALUE, 100))).toBe('wrong-shape');
  });
});

describe('fillGaps', () => {
  it('bridges a short gap by a straight line and the ends by the nearest value', () => {
    const nan = Number.NaN;
    // From 1 to 4 in three steps.
    expect(fillGaps(Float32Array.of(nan, 1, nan, nan, 4, Number.POSITIVE_INFINITY), 100)).toEqual({
      filled: Float64Array.of(1, 1, 2, 3, 4, 4),
      gaps: [],
    });
  });

  it('names a gap of more than 0.2 s', () => {
    const values = new Float32Array(60).fill(1).fill(Number.NaN, 10, 31);
    // 21 samples of 100 Hz; at 105 Hz, they are 0.2 s.
    expect(fillGaps(values, 100)?.gaps).toEqual([{ from: 10, to: 31 }]);
    expect(fillGaps(values, 105)?.gaps).toEqual([]);
  });

  it('finds nothing in nothing', () => {
    expect(fillGaps(new Float32Array(), 100)).toBeUndefined();
    expect(fillGaps(Float32Array.of(Number.NaN, Number.NaN), 100)).toBeUndefined();
  });
});
