import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeImage } from '../../../client/data/images/decode-image.ts';
import { readWfdb } from '../../../client/data/signals/read-wfdb.ts';
import { largeSiteBenchmark } from '../../../simulations/benchmarks/large-site-benchmark.ts';
import { mediaBenchmark } from '../../../simulations/benchmarks/media-benchmark.ts';
import { dicomFile, pngFile, wfdbRecord } from '../../../simulations/benchmarks/media-files.ts';
import { memoryWatch } from '../../../simulations/benchmarks/memory-watch.ts';
import { besideFloor } from '../../../simulations/benchmarks/span.ts';

describe('generated files', () => {
  it.each([
    ['a PNG in color', pngFile, 3, 255],
    ['a PNG in grey', pngFile, 1, 255],
    ['a DICOM file in color', dicomFile, 3, 255],
    ['a DICOM file in grey', dicomFile, 1, 4095],
  ] as const)('of %s is read as what was asked for', async (_, write, channels, most) => {
    const read = async (seed: number) => {
      const bytes = write({ height: 5, width: 7, channels, seed });
      return (await decodeImage(bytes, { format: 'auto' })).image;
    };
    const image = await read(1);
    expect([image.height, image.width, image.channels, image.frames]).toEqual([5, 7, channels, 1]);
    // .5 ± .4 ± .05 of the range, and the wave is above its middle somewhere.
    expect(Math.min(...image.samples)).toBeGreaterThanOrEqual(Math.floor(most * 0.05));
    const largest = Math.max(...image.samples) / most;
    expect([largest > 0.5, largest <= 0.95]).toEqual([true, true]);
    expect(new Set(image.samples).size).toBeGreaterThan(10);
    expect((await read(1)).samples).toEqual(image.samples);
    expect((await read(2)).samples).not.toEqual(image.samples);
  });

  it('of a recording are read as leads in mV', async () => {
    const { header, samples } = wfdbRecord({ name: 'p1', samples: 100, leads: 3, rateHz: 100, seed: 1 });
    const { leads } = await readWfdb(header, async () => samples);
    expect(leads.map(({ name, rateHz, unit, values }) => [name, rateHz, unit, values.length])).toEqual([
      ['lead1', 100, 'mV', 100],
      ['lead2', 100, 'mV', 100],
      ['lead3', 100, 'mV', 100],
    ]);
    // A wave of 1 mV and noise of up to .2: over one period, the largest value is at least 1.
    const largest = Math.max(...(leads[0]?.values ?? []));
    expect([largest >= 1, largest <= 1.2]).toEqual([true, true]);
  });
});

describe('a ratio to a floor', () => {
  const span = (seconds: number, processorSeconds: number) => ({ seconds, processorSeconds });

  it('is the median over pairs, above 1 where the floor took longer', () => {
    const figures = besideFloor({ of: 'work', floor: 'floor' }, 12, {
      of: [span(2, 4), span(1, 2), span(4, 8)],
      floor: [span(1, 1), span(3, 3), span(2, 2)],
    });
    // Medians 2 s and 2 s of 12 items; floor / work: 1/2, 3, 2/4; in processor time 1/4, 3/2, 2/8.
    expect(figures).toEqual({
      'work items/s': 6,
      'floor items/s': 6,
      'work items per processor s': 3,
      'work / floor': 0.5,
      'work / floor, processor time': 0.25,
    });
  });
});

describe('a memory watch', () => {
  it('counts from its start, and keeps the peak', () => {
    const watch = memoryWatch();
    const held = Buffer.alloc(100e6, 1);
    const { nowBytes, peakBytes } = watch.above();
    watch.stop();
    // 100 MB, less what the process gave back meanwhile.
    expect(nowBytes).toBeGreaterThan(0.8 * held.length);
    expect(peakBytes).toBeGreaterThanOrEqual(nowBytes);
  });
});

// Each starts threads several times, which takes seconds where other programs compute.
describe('the benchmarks of files, in a tiny size', { timeout: 300_000 }, () => {
  const outside = process.env['TMPDIR'];
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'consilium-test-'));
    process.env['TMPDIR'] = folder;
  });
  afterEach(() => {
    if (outside === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = outside;
    rmSync(folder, { recursive: true, force: true });
  });

  /** The loader of a thread may keep what it compiled below the temporary folder. */
  const leftBehind = () => readdirSync(folder).filter((name) => name.startsWith('consilium'));
  const isFigure = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value > 0;

  it('go from images and recordings into training, and leave no file behind', async () => {
    const { figures, settings } = await mediaBenchmark('wasm', {
      runs: 1,
      leastBytes: 1e4,
      loads: [
        {
          size: { kind: 'image', height: 8, width: 8, channels: 3, format: 'png' },
          files: 4,
          trained: 4,
          batch: 2,
        },
        {
          size: { kind: 'image', height: 8, width: 8, channels: 1, format: 'dicom' },
          files: 3,
          trained: 0,
          batch: 2,
        },
        {
          size: { kind: 'signal', samples: 16, channels: 2, format: 'wfdb' },
          files: 4,
          trained: 2,
          batch: 2,
        },
      ],
    });
    const names = Object.keys(figures);
    expect(names.filter((name) => !isFigure(figures[name]))).toEqual([]);
    const withTraining = names.filter((name) => name.endsWith(': training items/s'));
    expect(withTraining).toEqual(['8×8×3 png: training items/s', '2×16 wfdb: training items/s']);
    expect(names).toContain('8×8×1 dicom: gather / sequential read');
    expect(settings['backend']).toMatch(/^wasm/);
    expect(leftBehind()).toEqual([]);
  });

  it('take a site through two loads and two epochs, and leave no file behind', async () => {
    const { figures } = await largeSiteBenchmark({ patients: 40, backend: 'cpu' });
    const steps = ['training thread', 'first load', 'first epoch', 'second load', 'second epoch'];
    expect(steps.filter((step) => !isFigure(figures[`${step}: s`]))).toEqual([]);
    const peaks = steps.map((step) => figures[`${step}: peak MB so far`] as number);
    expect(peaks).toEqual([...peaks].sort((a, b) => a - b));
    expect(leftBehind()).toEqual([]);
  });
});
