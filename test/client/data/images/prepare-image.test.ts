import { describe, expect, it } from 'vitest';
import { type ImageSpec, prepareImage } from '../../../../client/data/images/prepare-image.ts';
import type { RawImage } from '../../../../client/data/images/raw-image.ts';
import { seededRandom } from '../../../../shared/core/random.ts';
import { slowQuantile, slowResample } from '../../../reference/slow-image.ts';

const SPEC: ImageSpec = {
  height: 2,
  width: 2,
  channels: 1,
  intensity: { low: 0, high: 100 },
  fit: 'stretch',
  frames: 'middle',
  instances: 1,
};

function grey(samples: RawImage['samples'], size: [number, number], more: Partial<RawImage> = {}): RawImage {
  const [height, width] = size;
  return {
    frames: samples.length / (height * width),
    height,
    width,
    channels: 1,
    samples,
    slope: 1,
    intercept: 0,
    isInverted: false,
    window: undefined,
    range:
      samples instanceof Float32Array
        ? undefined
        : { low: 0, high: 2 ** (8 * samples.BYTES_PER_ELEMENT) - 1 },
    spacing: undefined,
    orientation: undefined,
    ...more,
  };
}

function one(image: RawImage, spec: Partial<ImageSpec>): number[] {
  const instances = prepareImage(image, { ...SPEC, ...spec });
  expect(instances).toHaveLength(1);
  return [...(instances[0] as Float32Array)];
}

/** With the size of the image, so that nothing is resampled. */
function mapped(samples: RawImage['samples'], more: Partial<RawImage>, spec: Partial<ImageSpec>): number[] {
  return one(grey(samples, [1, samples.length], more), { height: 1, width: samples.length, ...spec });
}

describe('intensities', () => {
  it('are mapped from measured values, and clamped', () => {
    // Measured 2s − 10: −10, 0, 40, 90, 100, 190; of 0 to 100, −1 + 2·40/100 = −0.2.
    const values = mapped(Uint16Array.of(0, 5, 25, 50, 55, 100), { slope: 2, intercept: -10 }, {});
    expect(values).toEqual([-1, -1, -0.2, 0.8, 1, 1].map(Math.fround));
  });

  it('of MONOCHROME1 are the other way round', () => {
    const values = mapped(Uint16Array.of(0, 25, 100, 200), { isInverted: true }, {});
    expect(values).toEqual([1, 0.5, -1, -1]);
  });

  it('follow the file’s window where it has one', () => {
    const window = { low: 10, high: 30 };
    expect(mapped(Uint8Array.of(0, 10, 20, 30), { window }, { intensity: 'window' })).toEqual([-1, -1, 0, 1]);
  });

  it('follow the range of 8 bits without a window', () => {
    // 51 of 0 to 255: −1 + 2/5.
    const values = mapped(Uint8Array.of(0, 51, 255), {}, { intensity: 'window' });
    expect(values).toEqual([-1, -0.6, 1].map(Math.fround));
  });

  const random = seededRandom('intensities');
  const noisy = Array.from({ length: 997 }, () => Math.round(1000 + 300 * random.normal()));
  const types: [string, RawImage['samples']][] = [
    ['Uint16', Uint16Array.from(noisy)],
    ['Int16', Int16Array.from(noisy, (value) => value - 1200)],
    ['Int32', Int32Array.from(noisy, (value) => value * 1000)],
    ['Float32', Float32Array.from([...noisy, Number.NaN, Number.POSITIVE_INFINITY])],
    ['Uint8', Uint8Array.from(noisy, (value) => value / 8)],
    ['Int8', Int8Array.from(noisy, (value) => value / 8 - 128)],
  ];
  it.each(types)('follow the percentiles of %s, as sorting gives them', (_, samples) => {
    const scale = { slope: -0.5, intercept: 7 };
    const measured = [...samples].map((value) => value * scale.slope + scale.intercept);
    const low = slowQuantile(measured, 0.005);
    const high = slowQuantile(measured, 0.995);
    const values = mapped(samples, scale, { intensity: 'percentiles' });
    values.forEach((value, i) => {
      const exact = Math.min(1, Math.max(-1, (2 * ((measured[i] as number) - low)) / (high - low) - 1));
      expect(value).toBeCloseTo(Number.isFinite(samples[i]) ? exact : -1, 5);
    });
  });

  it('of the wide types follow percentiles under window too, and color its range', () => {
    const wide = Uint16Array.from(noisy);
    const asked = (intensity: 'window' | 'percentiles') => mapped(wide, {}, { intensity });
    expect(asked('window')).toEqual(asked('percentiles'));
    const color = grey(Uint16Array.of(0, 20000, 65535, 30000, 30000, 30000), [1, 2], {
      frames: 1,
      channels: 3,
    });
    const values = one(color, { height: 1, width: 2, channels: 3, intensity: 'window' });
    expect(values.slice(0, 3)).toEqual([-1, -1 + (2 * 20000) / 65535, 1].map(Math.fround));
  });

  it('of the chosen frame alone set its percentiles', () => {
    const frames = Uint16Array.of(0, 0, 10, 20, 60000, 60000);
    const image = grey(frames, [1, 2]);
    expect(image.frames).toBe(3);
    // The middle frame has 10 and 20; its percentiles lie just inside of them.
    expect(one(image, { height: 1, width: 2, intensity: 'percentiles' })).toEqual([-1, 1]);
  });

  it('that are not finite are black, and do not spread', () => {
    const samples = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 100);
    expect(mapped(samples, {}, {})).toEqual([-1, -1, -1, 1]);
    // Averaged in pairs: (−1 − 1)/2 and (−1 + 1)/2.
    expect(one(grey(samples, [1, 4]), { height: 1, width: 2 })).toEqual([-1, 0]);
    const none = new Float32Array(4).fill(Number.NaN);
    expect(mapped(none, {}, { intensity: 'percentiles' })).toEqual([-1, -1, -1, -1]);
  });

  it('of one value alone are black, and white above it', () => {
    expect(mapped(Uint16Array.of(7, 7, 7), {}, { intensity: 'percentiles' })).toEqual([-1, -1, -1]);
    const values = mapped(Uint16Array.of(6, 7, 8), {}, { intensity: { low: 7, high: 7 } });
    expect(values).toEqual([-1, -1, 1]);
  });
});

describe('channels', () => {
  it('of grey are repeated', () => {
    const values = one(grey(Uint8Array.of(0, 100), [1, 2]), { height: 1, width: 2, channels: 3 });
    expect(values).toEqual([-1, -1, -1, 1, 1, 1]);
  });

  it('of color become luma', () => {
    const color = grey(Uint8Array.of(100, 0, 0, 0, 100, 0, 0, 0, 100), [1, 3], { frames: 1, channels: 3 });
    const values = one(color, { height: 1, width: 3 });
    // Of 0 to 1: .299, .587 and .114; of −1 to 1, twice that less 1.
    [0.299, 0.587, 0.114].forEach((luma, i) => {
      expect(values[i]).toBeCloseTo(2 * luma - 1, 6);
    });
  });
});

describe('frames', () => {
  // Frame i of one pixel is 10·i, which of 0 to 100 is −1 + i/5.
  const image = grey(
    Uint8Array.from({ length: 9 }, (_, i) => 10 * i),
    [1, 1],
  );
  const picked = (frames: number, spec: Partial<ImageSpec>) =>
    prepareImage(
      { ...image, frames, samples: image.samples.subarray(0, frames) },
      { ...SPEC, height: 1, width: 1, ...spec },
    ).map(([value]) => Math.round(((value as number) + 1) * 5));

  it('are the middle one', () => {
    expect(picked(9, { frames: 'middle', instances: 4 })).toEqual([4]);
    expect(picked(8, { frames: 'middle' })).toEqual([4]);
    expect(picked(1, { frames: 'middle' })).toEqual([0]);
  });

  it('are spread evenly, from the middle of each stretch', () => {
    // 9 frames in 3 stretches of 3; 8 in 3 of 2.67, with middles at 1.33, 4, 6.67.
    expect(picked(9, { frames: 'spread', instances: 3 })).toEqual([1, 4, 7]);
    expect(picked(8, { frames: 'spread', instances: 3 })).toEqual([1, 4, 6]);
    expect(picked(9, { frames: 'spread', instances: 1 })).toEqual([4]);
  });

  it('are each taken once where there are fewer than asked for', () => {
    expect(picked(2, { frames: 'spread', instances: 5 })).toEqual([0, 1]);
  });
});

describe('the size', () => {
  const random = seededRandom('sizes');
  const values = Array.from({ length: 12 }, () => Array.from({ length: 17 }, () => random.below(101)));
  const image = grey(Uint8Array.from(values.flat()), [12, 17]);
  const slow = { height: 12, width: 17, values: values.map((row) => row.map((value) => value / 50 - 1)) };
  const close = (fast: number[], exact: number[][]) => {
    expect(fast).toHaveLength(exact.flat().length);
    exact.flat().forEach((value, i) => {
      expect(fast[i]).toBeCloseTo(value, 5);
    });
  };

  const sizes: [number, number][] = [
    [5, 7],
    [12, 17],
    [30, 40],
    [5, 40],
    [30, 7],
    [1, 1],
    [11, 16],
    [13, 18],
  ];
  it.each(sizes)('is stretched to %i × %i as the slow twin does', (height, width) => {
    const exact = slowResample(slow, { start: 0, end: 12, to: height }, { start: 0, end: 17, to: width });
    close(one(image, { height, width }), exact);
  });

  it('of a single row or column grows by repeating it', () => {
    expect(one(grey(Uint8Array.of(50), [1, 1]), { height: 2, width: 2 })).toEqual([0, 0, 0, 0]);
  });

  it('keeps its mean when it shrinks', () => {
    // 17 to 5 columns: every source pixel counts by its covered part, so nothing is lost.
    const mean = (numbers: number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    expect(mean(one(image, { height: 5, width: 5 }))).toBeCloseTo(mean(slow.values.flat()), 5);
  });

  it('is padded with black to keep proportions, the larger part below', () => {
    // 12 × 17 into 20 × 10: scale 10/17, 12·10/17 = 7.06 rows, 13 left: 6 above, 7 below.
    const padded = one(image, { height: 20, width: 10, fit: 'pad' });
    const exact = slowResample(slow, { start: 0, end: 12, to: 7 }, { start: 0, end: 17, to: 10 });
    const black = (rows: number) => Array.from({ length: rows }, () => new Array(10).fill(-1));
    close(padded, [...black(6), ...exact, ...black(7)]);
  });

  it('is cut in the middle to keep proportions', () => {
    // 12 × 17 onto 20 × 10: scale 20/12, so 10 columns show 6 of 17: from 5.5 to 11.5.
    const exact = slowResample(slow, { start: 0, end: 12, to: 20 }, { start: 5.5, end: 11.5, to: 10 });
    close(one(image, { height: 20, width: 10, fit: 'crop' }), exact);
  });

  it('follows millimetres, not pixels, where the spacing is known', () => {
    // Rows 2 mm apart, columns 0.5: 24 mm × 8.5 mm into 24 × 24: 24 rows, 8.5 → 9 columns (rounded), 15 left: 7 and 8.
    const spaced = { ...image, spacing: [2, 0.5] as const };
    const padded = one(spaced, { height: 24, width: 24, fit: 'pad' });
    const exact = slowResample(slow, { start: 0, end: 12, to: 24 }, { start: 0, end: 17, to: 9 });
    close(
      padded,
      exact.map((row) => [...new Array(7).fill(-1), ...row, ...new Array(8).fill(-1)]),
    );
    // Cropped to 24 × 24: scale 24/8.5, so 24 rows show 8.5 mm, 4.25 rows of 12: from 3.875 to 8.125.
    const cut = slowResample(slow, { start: 3.875, end: 8.125, to: 24 }, { start: 0, end: 17, to: 24 });
    close(one(spaced, { height: 24, width: 24, fit: 'crop' }), cut);
  });

  it('resamples color channel by channel', () => {
    const color = grey(
      Uint8Array.from(values.flat().flatMap((value) => [value, 100 - value, 50])),
      [12, 17],
      {
        frames: 1,
        channels: 3,
      },
    );
    const both = one(color, { height: 5, width: 7, channels: 3 });
    const red = one(image, { height: 5, width: 7 });
    red.forEach((value, i) => {
      expect(both[3 * i]).toBeCloseTo(value, 5);
      expect(both[3 * i + 1]).toBeCloseTo(-value, 5);
      expect(both[3 * i + 2]).toBeCloseTo(0, 5);
    });
  });

  it('leaves the image as it was', () => {
    const before = image.samples.slice();
    prepareImage(image, { ...SPEC, channels: 3, fit: 'pad' });
    expect(image.samples).toEqual(before);
  });
});
