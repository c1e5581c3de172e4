import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalLead } from '../../../../client/data/signals/lead-names.ts';
import { prepareSignal, type SignalSpec } from '../../../../client/data/signals/prepare-signal.ts';
import type { RawLead } from '../../../../client/data/signals/raw-signal.ts';
import { readWfdb } from '../../../../client/data/signals/read-wfdb.ts';
import { unitFactor } from '../../../../client/data/signals/voltage-unit.ts';
import { realData } from '../../../helpers/real-data.ts';
import { lead, reasonOf, vector } from './signal-files.ts';

const ptbXl = realData('ptb-xl-500');

const SPEC: SignalSpec = {
  samples: 4,
  channels: 1,
  rateHz: 100,
  instances: 1,
  segment: 'start',
  normalize: 'none',
};

function prepared(leads: readonly RawLead[], spec: Partial<SignalSpec>): number[][] {
  return prepareSignal({ leads }, { ...SPEC, ...spec }).instances.map((instance) => [...instance]);
}

function ramp(length: number, from = 1): number[] {
  return Array.from({ length }, (_, i) => i + from);
}

describe('prepareSignal', () => {
  it('puts the leads side by side, in the order of the study', () => {
    const leads = [lead('ECG II', [1, 2, 3, 4]), lead('i', [5, 6, 7, 8])];
    expect(prepared(leads, { channels: 2, leads: ['I', 'II'] })).toEqual([[5, 1, 6, 2, 7, 3, 8, 4]]);
    expect(prepared(leads, { channels: 2 })).toEqual([[1, 5, 2, 6, 3, 7, 4, 8]]);
  });

  it('names a lead that the recording lacks, or that holds nothing, and leaves it 0', () => {
    const leads = [lead('I', [1, 2, 3, 4]), lead('V9', Array(4).fill(Number.NaN))];
    const named = prepareSignal({ leads }, { ...SPEC, channels: 3, leads: ['V1', 'I', 'V9'] });
    expect(named.missingLeads).toEqual(['V1', 'V9']);
    expect([...(named.instances[0] ?? [])]).toEqual([0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0]);
    expect(prepareSignal({ leads: leads.slice(0, 1) }, { ...SPEC, channels: 2 }).missingLeads).toEqual([
      '#2',
    ]);
  });

  it('refuses a recording of other leads, of too many, or of two that fit one name', async () => {
    const read = (names: string[], spec: Partial<SignalSpec>) =>
      reasonOf(() =>
        prepared(
          names.map((name) => lead(name, [1])),
          spec,
        ),
      );
    expect(await read(['V1', 'V2'], { leads: ['I'] })).toBe('wrong-shape');
    expect(await read(['V1', 'V2'], {})).toBe('wrong-shape');
    expect(await read([], {})).toBe('wrong-shape');
    expect(await read(['ECG I', 'i'], { leads: ['I'] })).toBe('wrong-shape');
    expect(await read(['ECG I', 'I'], { leads: ['I'] })).toBe('read');
    expect(await reasonOf(() => prepared([lead('I', [])], {}))).toBe('empty');
    expect(await reasonOf(() => prepared([lead('I', [Number.NaN])], {}))).toBe('empty');
  });

  it('converts the unit, and refuses one that does not convert', async () => {
    expect(prepared([lead('I', [1000, 250, 0, 0], 100, 'uV')], { unit: 'mV' })).toEqual([[1, 0.25, 0, 0]]);
    expect(prepared([lead('I', [3, 0, 0, 0], 100, 'mmHg')], { unit: 'mmHg' })).toEqual([[3, 0, 0, 0]]);
    expect(await reasonOf(() => prepared([lead('I', [1], 100, 'mmHg')], { unit: 'mV' }))).toBe('wrong-shape');
    expect(await reasonOf(() => prepared([lead('I', [1], 100, '')], { unit: 'mV' }))).toBe('wrong-shape');
    expect(() => prepared([lead('I', [1], 100, 'mmHg')], { unit: 'mV' })).toThrow(
      /in mV, got the unit "mmHg"/,
    );
  });

  it('cuts a longer recording at its start, in its middle, or into windows over it', () => {
    const ten = [lead('I', ramp(10))];
    expect(prepared(ten, { segment: 'start' })).toEqual([[1, 2, 3, 4]]);
    expect(prepared(ten, { segment: 'middle' })).toEqual([[4, 5, 6, 7]]);
    // Two windows at the middle of each half of 10: from 2.5 - 2 and 7.5 - 2, rounded down.
    expect(prepared(ten, { segment: 'spread', instances: 5 })).toEqual([
      [1, 2, 3, 4],
      [6, 7, 8, 9],
    ]);
    expect(prepared(ten, { segment: 'spread', instances: 1 })).toEqual([[4, 5, 6, 7]]);
    expect(prepared([lead('I', ramp(8))], { segment: 'spread', instances: 2 })).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
  });

  it('pads a shorter recording with 0', () => {
    const two = [lead('I', [5, 6])];
    expect(prepared(two, { segment: 'start' })).toEqual([[5, 6, 0, 0]]);
    expect(prepared(two, { segment: 'middle' })).toEqual([[0, 5, 6, 0]]);
    expect(prepared(two, { segment: 'spread', instances: 3 })).toEqual([[0, 5, 6, 0]]);
    expect(prepared([lead('I', ramp(4)), lead('II', [9])], { channels: 2 })).toEqual([
      [1, 9, 2, 0, 3, 0, 4, 0],
    ]);
  });

  it('brings leads of different rates to one', () => {
    const flat = (rateHz: number) => lead(`${rateHz}`, Array(rateHz).fill(2), rateHz);
    const [instance] = prepared([flat(500), flat(50), flat(257)], { channels: 3, samples: 100 });
    expect(instance?.length).toBe(300);
    for (const value of instance ?? []) expect(value).toBe(2);
  });

  it('bridges a short gap, and leaves 0 after normalization for a long one', () => {
    const values = ramp(100);
    values.fill(Number.NaN, 10, 12);
    expect(prepared([lead('I', values)], { samples: 14 })[0]).toEqual(ramp(14));
    values.fill(Number.NaN, 40, 70);
    const [raw] = prepared([lead('I', values)], { samples: 100 });
    expect(raw?.slice(38, 72)).toEqual([39, 40, ...Array(30).fill(0), 71, 72]);
    const [scaled] = prepared([lead('I', values)], { samples: 100, normalize: 'lead' });
    // 1 .. 100 less 41 .. 70: the mean is (5050 - 30 · 55.5) / 70 = 48.357, and 71 is above it.
    expect(scaled?.slice(40, 70)).toEqual(Array(30).fill(0));
    expect(scaled?.[47]).toBe(0);
    const valid = (scaled ?? []).filter((_, i) => i < 40 || i >= 70);
    expect(valid.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
    expect(valid.reduce((sum, value) => sum + value ** 2, 0) / 70).toBeCloseTo(1, 4);
  });

  it('leaves a long gap 0 also at another rate, no sample more or less', () => {
    // 100 to 50 Hz: the samples at 0, 2, 4 ..; between 39 and 70, those are 40 .. 68, halved 20 .. 34.
    const values = Array(100).fill(5).fill(Number.NaN, 40, 70);
    const [instance] = prepared([lead('I', values)], { samples: 50, rateHz: 50 });
    const zeros = (instance ?? []).flatMap((value, i) => (value === 0 ? [i] : []));
    expect(zeros).toEqual(ramp(15, 20));
  });

  it('normalizes lead by lead, or all leads with one mean and deviation', () => {
    const leads = [lead('I', [1, 3, 1, 3]), lead('II', [10, 10, 10, 10])];
    // Lead I: mean 2, deviation 1. A flat lead is 0.
    expect(prepared(leads, { channels: 2, normalize: 'lead' })).toEqual([[-1, 0, 1, 0, -1, 0, 1, 0]]);
    // Both: mean 6, variance (2 · 25 + 2 · 9 + 4 · 16) / 8 = 16.5.
    const deviation = Math.sqrt(16.5);
    const [instance] = prepared(leads, { channels: 2, normalize: 'recording' });
    for (const [i, value] of [1, 10, 3, 10].entries()) {
      expect(instance?.[i]).toBeCloseTo((value - 6) / deviation, 6);
    }
  });

  it('makes no signal of what rounding leaves of a flat lead', () => {
    // In mV, the value has all bits of a double, so that a sum of hundreds rounds.
    for (const value of [0.1, 3.3, 77.7]) {
      const flat = [lead('I', Array(300).fill(value), 257, 'uV')];
      const [instance] = prepared(flat, { samples: 100, unit: 'mV', normalize: 'lead' });
      expect(instance).toEqual(Array(100).fill(0));
    }
  });

  it('does not count padding and missing leads in mean and deviation', () => {
    const spec = { channels: 2, leads: ['I', 'V9'], normalize: 'recording' } as const;
    expect(prepared([lead('I', [1, 3])], spec)).toEqual([[-1, 0, 1, 0, 0, 0, 0, 0]]);
  });

  it('skips a low pass that the recording cannot hold, and refuses such a high pass', async () => {
    expect(prepared([lead('I', ramp(2), 10)], { rateHz: 10, samples: 2, lowpass: 40 })).toEqual([[1, 2]]);
    expect(await reasonOf(() => prepared([lead('I', ramp(2), 10)], { highpass: 5 }))).toBe('wrong-shape');
  });

  it('refuses rates and values that are no numbers to compute with', async () => {
    for (const rateHz of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await reasonOf(() => prepared([lead('I', [1, 2], rateHz)], {}))).toBe('bad-header');
    }
    expect(await reasonOf(() => prepared([lead('I', [3e38], 100, 'V')], { unit: 'mV' }))).toBe('bad-header');
    expect(await reasonOf(() => prepared([lead('I', [1])], { samples: 2 ** 28 }))).toBe('too-large');
  });

  it('finds samples of a recording whose rate is absurdly low without room for all of it', () => {
    // 10 samples at 0.01 Hz are 100 000 at 100 Hz; four of them are asked for.
    expect(prepared([lead('I', Array(10).fill(1), 0.01)], { segment: 'middle' })[0]?.length).toBe(4);
  });

  it.skipIf(ptbXl === undefined)('agrees with scipy on an ECG: filtered, resampled, normalized', async () => {
    const known = vector<{ prepared: { rows: number[]; values: number[][] } }>('ptb-xl').prepared;
    const folder = join(ptbXl ?? '', 'records100/00000');
    const raw = await readWfdb(readFileSync(join(folder, '00001_lr.hea'), 'utf8'), async (name) =>
      readFileSync(join(folder, name)),
    );
    const { instances, missingLeads } = prepareSignal(raw, {
      ...SPEC,
      samples: 2500,
      channels: 2,
      rateHz: 250,
      leads: ['II', 'V1'],
      unit: 'uV',
      highpass: 0.5,
      lowpass: 30,
      normalize: 'lead',
    });
    expect(missingLeads).toEqual([]);
    for (const [i, row] of known.rows.entries()) {
      for (const channel of [0, 1]) {
        expect(instances[0]?.[row * 2 + channel]).toBeCloseTo(known.values[i]?.[channel] ?? Number.NaN, 5);
      }
    }
  });
});

describe('canonicalLead', () => {
  it('ignores case, blanks, hyphens and what devices put in front', () => {
    expect(['EEG Fpz-Cz', 'fpz - cz', 'FPZCZ', 'EEG  FPZ-CZ'].map(canonicalLead)).toEqual(
      Array(4).fill('fpzcz'),
    );
    expect(['ECG', 'EEG ', 'lead II', 'aVR'].map(canonicalLead)).toEqual(['ecg', 'eeg', 'ii', 'avr']);
  });
});

describe('unitFactor', () => {
  it('knows the powers of ten of the volt, and both signs for micro', () => {
    expect([unitFactor('uV', 'mV'), unitFactor('\u00b5V', 'uV'), unitFactor('\u03bcV', 'V')]).toEqual([
      1e-3, 1, 1e-6,
    ]);
    expect([unitFactor('V', 'nV'), unitFactor(' mv ', 'mV'), unitFactor('mmHg', 'MMHG')]).toEqual([
      1e9, 1, 1,
    ]);
  });
});
