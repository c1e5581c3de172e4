import { describe, expect, it } from 'vitest';
import { SIGNAL_LIMITS } from '../../../../client/data/signals/raw-signal.ts';
import { readEdf } from '../../../../client/data/signals/read-edf.ts';
import { base64, type EdfSketch, edf, flipped, reasonOf, vector } from './signal-files.ts';

interface EdfLibFile {
  readonly file: string;
  readonly leads: {
    name: string;
    unit: string;
    samplesPerRecord: number;
    recordSeconds: number;
    values: number[];
  }[];
}

const EDFLIB = vector<{ edf: EdfLibFile; bdf: EdfLibFile }>('edflib');

const CLOCK = { label: 'EDF Annotations', length: 16, physical: [-1, 1] } as const;

/** One EEG lead of two records, one second and two samples each. */
const SKETCH: EdfSketch = {
  signals: [
    {
      label: 'EEG Fpz-Cz',
      records: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
};

function values(bytes: Uint8Array): number[][] {
  return readEdf(bytes).leads.map((lead) => [...lead.values]);
}

describe('readEdf', () => {
  it.each(['edf', 'bdf'] as const)('reads what EDFlib wrote as EDFlib does: %s+', (kind) => {
    const { file, leads } = EDFLIB[kind];
    const signal = readEdf(base64(file));
    expect(signal.leads.map(({ name, unit, rateHz }) => ({ name, unit, rateHz }))).toEqual(
      leads.map(({ name, unit, samplesPerRecord, recordSeconds }) => ({
        name,
        unit,
        rateHz: samplesPerRecord / recordSeconds,
      })),
    );
    for (const [i, lead] of leads.entries()) {
      const read = signal.leads[i]?.values ?? [];
      expect(read.length).toBe(lead.values.length);
      for (const [k, value] of lead.values.entries()) expect(read[k]).toBeCloseTo(value, 3);
    }
  });

  it('scales from the digital to the physical range, downward where that is reversed', () => {
    // [-100, 100] -> [-1, 1]: a hundredth; [0, 10] -> [10, 0]: 10 less the value.
    const bytes = edf({
      signals: [
        { label: 'A', physical: [-1, 1], digital: [-100, 100], records: [[-100, 0, 50]] },
        { label: 'B', physical: [10, 0], digital: [0, 10], records: [[0, 3, 10]] },
      ],
    });
    expect(values(bytes)).toEqual([
      [-1, 0, 0.5],
      [10, 7, 0],
    ]);
  });

  it('takes the rate from the length of a record', () => {
    expect(readEdf(edf({ ...SKETCH, seconds: '0.004' })).leads[0]?.rateHz).toBe(500);
    expect(readEdf(edf({ ...SKETCH, seconds: '30' })).leads[0]?.rateHz).toBeCloseTo(2 / 30, 12);
  });

  it('leaves the pause of a discontinuous recording as NaN, and never reads the note', () => {
    // One second between the records at 2 Hz: two samples.
    const bytes = edf({
      reserved: 'EDF+D',
      signals: [
        ...SKETCH.signals,
        { ...CLOCK, records: ['+10.5\u0014\u0014', '+12.5\u001510\u0014CANARY\u0014'] },
      ],
    });
    expect(values(bytes)).toEqual([[1, 2, Number.NaN, Number.NaN, 3, 4]]);
    expect(JSON.stringify(readEdf(bytes))).not.toContain('CANARY');
  });

  it('refuses a discontinuous recording without times, or with times that overlap', async () => {
    const read = (records: string[]) =>
      reasonOf(() =>
        readEdf(edf({ reserved: 'EDF+D', signals: [...SKETCH.signals, { ...CLOCK, records }] })),
      );
    expect(await read(['+0\u0014\u0014', '+1\u0014\u0014'])).toBe('read');
    expect(await read(['+0\u0014\u0014', '+0.5\u0014\u0014'])).toBe('bad-header');
    expect(await read(['+0\u0014\u0014', 'CANARY\u0014'])).toBe('bad-header');
    expect(await read(['+0\u0014\u0014', '+1e300\u0014\u0014'])).toBe('too-large');
    expect(await reasonOf(() => readEdf(edf({ ...SKETCH, reserved: 'EDF+D' })))).toBe('bad-header');
  });

  it('says what is wrong with a file', async () => {
    const read = (change: Partial<EdfSketch>) => reasonOf(() => readEdf(edf({ ...SKETCH, ...change })));
    const one = (change: object) => read({ signals: [{ label: 'A', records: [[1, 2]], ...change }] });
    expect(await read({})).toBe('read');
    expect(await reasonOf(() => readEdf(new Uint8Array()))).toBe('wrong-format');
    expect(await reasonOf(() => readEdf(new Uint8Array(2000)))).toBe('wrong-format');
    expect(await read({ count: '-1' })).toBe('truncated');
    expect(await read({ count: '3' })).toBe('truncated');
    expect(await read({ count: '1' })).toBe('bad-header');
    expect(await read({ count: '0', signals: [{ label: 'A', records: [] }] })).toBe('empty');
    expect(await read({ count: '2.5' })).toBe('bad-header');
    expect(await read({ seconds: '0' })).toBe('unsupported');
    expect(await read({ seconds: '1,5' })).toBe('bad-header');
    expect(await read({ signals: [] })).toBe('empty');
    expect(await read({ signals: [{ ...CLOCK, records: ['+0\u0014\u0014'] }] })).toBe('empty');
    expect(await one({ digital: [5, 5] })).toBe('bad-header');
    expect(await one({ digital: [5, -5] })).toBe('bad-header');
    expect(await one({ physical: [1, 1] })).toBe('bad-header');
    expect(await one({ physical: [0, 'NaN'] })).toBe('bad-header');
    expect(await one({ physical: [0, '9e99'], digital: [0, 1] })).toBe('bad-header');
    expect(await one({ label: 'A\u0007' })).toBe('bad-header');
    expect(await one({ length: 0 })).toBe('bad-header');
    expect(await one({ length: 99999999 })).toBe('truncated');
  });

  it('refuses more than the limits', async () => {
    const read = (limits: Partial<typeof SIGNAL_LIMITS>) =>
      reasonOf(() => readEdf(edf(SKETCH), { ...SIGNAL_LIMITS, ...limits }));
    expect(await read({ bytes: 500 })).toBe('too-large');
    expect(await read({ leads: 0 })).toBe('too-large');
    expect(await read({ samples: 3 })).toBe('too-large');
    expect(await read({ samples: 4 })).toBe('read');
  });

  it('shows nothing of patient, recording, technician, transducer and annotations', async () => {
    const files = [
      base64(EDFLIB.edf.file),
      base64(EDFLIB.bdf.file),
      edf({ ...SKETCH, patient: 'CANARY F 02-MAY-1951 CANARY', recording: 'CANARY' }),
    ];
    for (const file of files) {
      expect(Buffer.from(file).toString('latin1')).toContain('CANARY');
      expect(JSON.stringify(readEdf(file))).not.toContain('CANARY');
      for (let seed = 0; seed < 200; seed++) {
        try {
          readEdf(flipped(file, seed, 20));
        } catch (error) {
          expect(String(error)).toMatch(/^BrokenFile: (?!.*CANARY)/);
        }
      }
    }
  });

  it('survives files that are cut or damaged', async () => {
    const seen = new Set<string>();
    for (const file of [base64(EDFLIB.edf.file), base64(EDFLIB.bdf.file), edf(SKETCH)]) {
      const read = (bytes: Uint8Array) =>
        reasonOf(() => {
          for (const lead of readEdf(bytes).leads) {
            expect(lead.rateHz > 0 && Number.isFinite(lead.rateHz)).toBe(true);
            expect(lead.values.every((value) => Number.isNaN(value) || Number.isFinite(value))).toBe(true);
          }
        });
      for (let length = 0; length < file.length; length += 97) {
        expect(await read(file.subarray(0, length))).toBe(length === 0 ? 'wrong-format' : 'truncated');
      }
      for (let seed = 0; seed < 500; seed++) seen.add(await read(flipped(file, seed, 1 + (seed % 9))));
    }
    expect([...seen]).toEqual(expect.arrayContaining(['read', 'bad-header', 'wrong-format']));
  });
});
