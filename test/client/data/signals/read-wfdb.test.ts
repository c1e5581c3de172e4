import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SIGNAL_LIMITS } from '../../../../client/data/signals/raw-signal.ts';
import { readWfdb } from '../../../../client/data/signals/read-wfdb.ts';
import { decodeWfdbHeader } from '../../../../client/data/signals/wfdb-header.ts';
import { realData } from '../../../helpers/real-data.ts';
import { base64, flipped, opener, pack16, pack212, reasonOf, vector } from './signal-files.ts';

const samples = realData('format-samples');
const ptbXl = realData('ptb-xl-500');

function values(signal: Awaited<ReturnType<typeof readWfdb>>): number[][] {
  return signal.leads.map((lead) => [...lead.values]);
}

describe('readWfdb', () => {
  it('agrees with biosig on three leads that share a file of format 212', async () => {
    const known = vector<{
      header: string;
      dat: string;
      leads: { name: string; values: number[] }[];
    }>('biosig-wfdb');
    const signal = await readWfdb(known.header, opener({ 'm212.dat': base64(known.dat) }));
    expect(signal.leads.map(({ name, unit, rateHz }) => ({ name, unit, rateHz }))).toEqual(
      known.leads.map(({ name }) => ({ name, unit: 'mV', rateHz: 360 })),
    );
    expect(values(signal)).toEqual(known.leads.map((lead) => [...Float32Array.from(lead.values)]));
  });

  it('assumes what header(5) says where fields are absent', async () => {
    // 250 Hz, 200 units per mV, baseline 0, as many frames as the file holds: 6 bytes = 3.
    const signal = await readWfdb('x 1\nx.dat 16', opener({ 'x.dat': pack16([200, -100, 50]) }));
    expect(signal.leads[0]).toMatchObject({ name: 'signal 0', unit: 'mV', rateHz: 250 });
    expect(values(signal)).toEqual([[1, -0.5, 0.25]]);
  });

  it('takes the ADC zero for a baseline that is absent, and a gain of 0 for 200', async () => {
    const dat = opener({ 'x.dat': pack16([1024, 1224]) });
    expect(values(await readWfdb('x 1 100 2\nx.dat 16 0 12 1024', dat))).toEqual([[0, 1]]);
    expect(values(await readWfdb('x 1 100 2\nx.dat 16 100(1024)/uV 12 7', dat))).toEqual([[0, 2]]);
  });

  it('reads several files, the second behind a preamble, and ignores clock and counter', async () => {
    const header = [
      '# CANARY before',
      'x 3 100/12.5(3) 2 13:05:00 25/4/1989',
      'a.dat 16 1/uV 16 0 0 0 0 EEG Fpz-Cz',
      '',
      'a.dat 16 1(1)/uV 16 0 0 0 0 Pz \r',
      'b.dat 80+3 1/mmHg 8 0 0 0 0 ABP',
      '# CANARY after',
    ].join('\n');
    const signal = await readWfdb(
      header,
      opener({ 'a.dat': pack16([1, 2, 3, 4]), 'b.dat': Uint8Array.of(9, 9, 9, 130, 127) }),
    );
    expect(signal).toEqual({
      leads: [
        { name: 'EEG Fpz-Cz', unit: 'uV', rateHz: 100, values: Float32Array.of(1, 3) },
        { name: 'Pz', unit: 'uV', rateHz: 100, values: Float32Array.of(1, 3) },
        { name: 'ABP', unit: 'mmHg', rateHz: 100, values: Float32Array.of(2, -1) },
      ],
    });
  });

  it('gives a lead with several samples per frame its own rate', async () => {
    const signal = await readWfdb(
      'x 2 100 2\nx.dat 212x3 1 12 0 0 0 0 fast\nx.dat 212 1 12 0 0 0 0 slow',
      opener({ 'x.dat': pack212([1, 2, 3, 10, 4, 5, 6, 20]) }),
    );
    expect(signal.leads.map((lead) => lead.rateHz)).toEqual([300, 100]);
    expect(values(signal)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [10, 20],
    ]);
  });

  it('moves a skewed lead, and holds the sum against the file as it is', async () => {
    // 1 + 2 + 3 = 6 counts the sample before the record's begin.
    const signal = await readWfdb(
      'x 2 100 3\nx.dat 16:1 1 16 0 1 6 0 skewed\nx.dat 16 1 16 0 10 60 0 straight',
      opener({ 'x.dat': pack16([1, 10, 2, 20, 3, 30]) }),
    );
    expect(values(signal)).toEqual([
      [2, 3, Number.NaN],
      [10, 20, 30],
    ]);
  });

  it('marks the code of no measurement as NaN, in each format', async () => {
    const nothing = { 16: [0, 128], 61: [128, 0], 80: [0], 160: [0, 0], 212: [0, 8], 24: [0, 0, 128] };
    for (const [format, bytes] of Object.entries(nothing)) {
      const signal = await readWfdb(
        `x 1 100 1\nx.dat ${format} 1`,
        opener({ 'x.dat': Uint8Array.from(bytes) }),
      );
      expect(values(signal), `format ${format}`).toEqual([[Number.NaN]]);
    }
  });

  it('sums the differences of format 8 from the initial value', async () => {
    // 5, 5 + 3, 5 + 3 - 1; their sum is 20.
    const signal = await readWfdb(
      'x 1 100 3\nx.dat 8 1 10 0 5 20 0 ECG',
      opener({ 'x.dat': Uint8Array.of(0, 3, 255) }),
    );
    expect(values(signal)).toEqual([[5, 8, 7]]);
  });

  it('refuses samples that miss the checksum, also by one', async () => {
    const dat = opener({ 'x.dat': pack16([30000, 30000, 30000]) });
    // 90000 - 65536 = 24464, as signed 16 bit the same; 90000 = 24464 mod 65536.
    expect(await reasonOf(() => readWfdb('x 1 100 3\nx.dat 16 1 16 0 30000 24464 0 I', dat))).toBe('read');
    expect(await reasonOf(() => readWfdb('x 1 100 3\nx.dat 16 1 16 0 30000 24463 0 I', dat))).toBe(
      'bad-header',
    );
    expect(await reasonOf(() => readWfdb('x 1 100\nx.dat 16 1 16 0 30000 24463 0 I', dat))).toBe('read');
  });

  it('joins the segments of a record of fixed layout, and leaves pauses as NaN', async () => {
    const part = (name: string, frames: number) =>
      `${name} 2 100 ${frames}\n${name}.dat 16 1 16 0 0 0 0 I\n${name}.dat 16 1 16 0 0 0 0 II`;
    const signal = await readWfdb(
      'whole/3 2 100 5\na 2\n~ 1\nb 2',
      opener({
        'a.hea': part('a', 2),
        'b.hea': part('b', 2),
        'a.dat': pack16([1, 10, 2, 20]),
        'b.dat': pack16([3, 30, 4, 40]),
      }),
    );
    expect(values(signal)).toEqual([
      [1, 2, Number.NaN, 3, 4],
      [10, 20, Number.NaN, 30, 40],
    ]);
  });

  it('finds the leads of a variable layout by name, with the gain of the segment', async () => {
    const signal = await readWfdb(
      'whole/3 2 100 3\nlayout 0\na 2\nb 1',
      opener({
        'layout.hea': 'layout 2 100 0\n~ 0 1/mV 12 0 0 0 0 II\n~ 0 1/mmHg 12 0 0 0 0 ABP',
        'a.hea': 'a 1 100 2\na.dat 16 10/mmHg 12 0 0 0 0 ABP',
        'b.hea': 'b 2 100 1\nb.dat 16 2/mmHg 12 0 0 0 0 ABP\nb.dat 16 4/mV 12 0 0 0 0 II',
        'a.dat': pack16([10, 20]),
        'b.dat': pack16([30, 40]),
      }),
    );
    expect(signal.leads.map((lead) => lead.name)).toEqual(['II', 'ABP']);
    expect(values(signal)).toEqual([
      [Number.NaN, Number.NaN, 10],
      [1, 2, 15],
    ]);
  });

  it('joins leads of several samples per frame at the right place', async () => {
    const part = (name: string) =>
      `${name} 2 100 1\n${name}.dat 16x2 1 16 0 0 0 0 fast\n${name}.dat 16 1 16 0 0 0 0 slow`;
    const signal = await readWfdb(
      'whole/2 2 100 2\na 1\nb 1',
      opener({
        'a.hea': part('a'),
        'b.hea': part('b'),
        'a.dat': pack16([1, 2, 10]),
        'b.dat': pack16([3, 4, 20]),
      }),
    );
    expect(values(signal)).toEqual([
      [1, 2, 3, 4],
      [10, 20],
    ]);
  });

  it('refuses segments that do not fit together', async () => {
    const read = (whole: string, segment: string) =>
      reasonOf(() => readWfdb(whole, opener({ 'a.hea': segment, 'a.dat': pack16([1, 2]) })));
    const segment = 'a 1 100 2\na.dat 16 1 16 0 0 0 0 I';
    expect(await read('w/1 1 100 2\na 2', segment)).toBe('read');
    expect(await read('w/1 1 100 3\na 2', segment)).toBe('bad-header');
    expect(await read('w/1 1 100 3\na 3', segment)).toBe('bad-header');
    expect(await read('w/1 1 200 2\na 2', segment)).toBe('bad-header');
    expect(await read('w/1 2 100 2\na 2', segment)).toBe('bad-header');
    expect(await read('w/1 1 100 2\na 2', 'a/1 1 100 2\na 2')).toBe('bad-header');
    expect(await read('w/2 1 100 2\na 2', segment)).toBe('truncated');
    for (const other of ['1/uV 16 0 0 0 0 I', '1 16 0 0 0 0 II']) {
      const files = { 'a.hea': segment, 'b.hea': `b 1 100 2\na.dat 16 ${other}`, 'a.dat': pack16([1, 2]) };
      expect(await reasonOf(() => readWfdb('w/2 1 100 4\na 2\nb 2', opener(files)))).toBe('bad-header');
    }
    expect(await read('w/1 1 100 2\n../a 2', segment)).toBe('outside-folder');
  });

  it('never opens a path', async () => {
    for (const name of ['../x.dat', '/x.dat', 'a/x.dat', 'a\\x.dat', '..', 'C:x.dat']) {
      const opened: string[] = [];
      const open = async (file: string) => {
        opened.push(file);
        return pack16([1]);
      };
      expect(await reasonOf(() => readWfdb(`x 1 100 1\n${name} 16`, open)), name).toBe('outside-folder');
      expect(opened).toEqual([]);
    }
  });

  it('says what is wrong with a header', async () => {
    const read = (header: string) => reasonOf(() => readWfdb(header, opener({ 'x.dat': pack16([1, 2]) })));
    expect(await read('')).toBe('wrong-format');
    expect(await read('# only a comment')).toBe('wrong-format');
    expect(await read('\u0089PNG\r\n')).toBe('wrong-format');
    expect(await read('x 2 100 1\nx.dat 16')).toBe('truncated');
    expect(await read('x 1 100 3\nx.dat 16')).toBe('truncated');
    expect(await read('x 0 100 3')).toBe('empty');
    expect(await read('x 1 0 2\nx.dat 16')).toBe('bad-header');
    expect(await read('x 1 nan 2\nx.dat 16')).toBe('bad-header');
    expect(await read('x 1 100 2\nx.dat 16x0')).toBe('bad-header');
    expect(await read('x 1 100 2\nx.dat 16 1 16 zero')).toBe('bad-header');
    expect(await read('x 1 100 2\nx.dat 16 1e-300')).toBe('bad-header');
    expect(await read('x 2 100 1\nx.dat 16\nx.dat 80')).toBe('bad-header');
    expect(await read('x 3 100 1\nx.dat 16\ny.dat 16\nx.dat 16')).toBe('bad-header');
    expect(await read('x 1 100 2\n- 16')).toBe('unsupported');
    expect(await read('x 1 100 2\nx.dat 516')).toBe('unsupported');
    expect(await read('x 1 100 2\nother.dat 16')).toBe('unreadable');
  });

  it('refuses more than the limits before it makes room for it', async () => {
    const read = (header: string, limits: Partial<typeof SIGNAL_LIMITS>) =>
      reasonOf(() => readWfdb(header, opener({ 'x.dat': pack16([1, 2]) }), { ...SIGNAL_LIMITS, ...limits }));
    expect(await read('x 2 100 1\nx.dat 16\nx.dat 16', { leads: 1 })).toBe('too-large');
    expect(await read('x 2 100 1\nx.dat 16\nx.dat 16', { samples: 1 })).toBe('too-large');
    expect(await read('x 2 100 1\nx.dat 16\nx.dat 16', { bytes: 5 })).toBe('too-large');
    expect(await read('x 1 100 999999999999999\n~ 0', {})).toBe('too-large');
    expect(await read('x 1 100 999999999999999\nx.dat 16', {})).toBe('truncated');
    expect(await read('x 1 100 1\nx.dat 16x999999', {})).toBe('truncated');
    expect(await read('x/999999 1 100\n', {})).toBe('too-large');
  });

  it('shows nothing of comments, times, record and file names', async () => {
    const header = (tail: string) =>
      `CANARY 1 100 2 08:15:00 01/02/1950\n# CANARY, 69 M\nCANARY.dat 16 1/mV 16 0 0 ${tail}\n#CANARY`;
    const open = opener({ 'CANARY.dat': pack16([1, 2]) });
    expect(JSON.stringify(await readWfdb(header('3 0 I'), open))).not.toMatch(/CANARY|1950|08:15/);
    for (const tail of ['5 0 I', 'CANARY 0 I']) {
      const error: unknown = await readWfdb(header(tail), open).catch((reason: unknown) => reason);
      expect(String(error)).toMatch(/BrokenFile/);
      expect(JSON.stringify([String(error), error])).not.toMatch(/CANARY|1950|08:15/);
    }
  });

  it('survives segments that are damaged', async () => {
    const whole = 'whole/4 2 100 5\nlayout 0\na 2\n~ 1\na 2';
    const layout = 'layout 2 100 0\n~ 0 1/mV 12 0 0 0 0 II\n~ 0 1/mV 12 0 0 0 0 V5';
    const segment = 'a 2 100 2\na.dat 16 1 16 0 1 3 0 II\na.dat 16 1 16 0 2 6 0 V5';
    const damaged = (text: string, seed: number) => flipped(new TextEncoder().encode(text), seed, 1);
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed++) {
      const pick = (i: number, text: string) =>
        seed % 3 === i ? damaged(text, seed) : new TextEncoder().encode(text);
      const open = opener({
        'layout.hea': pick(1, layout),
        'a.hea': pick(2, segment),
        'a.dat': pack16([1, 2, 2, 4]),
      });
      const limits = { ...SIGNAL_LIMITS, samples: 1 << 20 };
      seen.add(await reasonOf(() => readWfdb(decodeWfdbHeader(pick(0, whole)), open, limits)));
    }
    expect([...seen]).toEqual(expect.arrayContaining(['read', 'bad-header', 'truncated', 'unreadable']));
  });

  it.skipIf(ptbXl === undefined)('reads records of PTB-XL as numpy does', async () => {
    const known = vector<{
      records: {
        record: string;
        names: string[];
        sums: number[];
        squares: number[];
        first: number[];
        last: number[];
      }[];
    }>('ptb-xl');
    const folder = join(ptbXl ?? '', 'records100/00000');
    for (const { record, names, sums, squares, first, last } of known.records) {
      const { leads } = await readRecord(folder, record);
      const stored = leads.map((lead) => [...lead.values].map((value) => Math.round(value * 1000)));
      expect(leads.map((lead) => lead.name)).toEqual(names);
      expect(stored.map((lead) => lead.reduce((sum, value) => sum + value, 0))).toEqual(sums);
      expect(stored.map((lead) => lead.reduce((sum, value) => sum + value ** 2, 0))).toEqual(squares);
      expect(stored.map((lead) => lead[0])).toEqual(first);
      expect(stored.map((lead) => lead.at(-1))).toEqual(last);
    }
  });

  it.skipIf(ptbXl === undefined)(
    'finds every checksum of 500 records as their publisher wrote it',
    async () => {
      const folder = join(ptbXl ?? '', 'records100/00000');
      for (let i = 1; i <= 500; i++) {
        const { leads } = await readRecord(folder, `${String(i).padStart(5, '0')}_lr`);
        expect(leads.map((lead) => lead.values.length)).toEqual(Array(12).fill(1000));
      }
    },
  );

  it.skipIf(samples === undefined)('survives files that are cut or damaged', async () => {
    const known = vector<{ header: string; dat: string }>('biosig-wfdb');
    const folder = join(samples ?? '', 'wfdb');
    const file = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
    const records = [
      { name: 'm212.dat', header: new TextEncoder().encode(known.header), dat: base64(known.dat) },
      ...['00001_lr', '00002_lr'].map((name) => ({
        name: `${name}.dat`,
        header: file(`${name}.hea`),
        dat: file(`${name}.dat`),
      })),
    ];
    const seen = new Set<string>();
    for (const { name, header, dat } of records) {
      const read = (head: Uint8Array, data: Uint8Array) =>
        reasonOf(async () => {
          const signal = await readWfdb(decodeWfdbHeader(head), opener({ [name]: data }));
          for (const lead of signal.leads) {
            expect(lead.rateHz > 0 && Number.isFinite(lead.rateHz)).toBe(true);
            expect(lead.values.every((value) => Number.isNaN(value) || Number.isFinite(value))).toBe(true);
          }
        });
      for (let length = 0; length < dat.length; length += 97) {
        expect(await read(header, dat.subarray(0, length))).toBe('truncated');
      }
      for (let length = 0; length < header.length; length += 97) {
        seen.add(await read(header.subarray(0, length), dat));
      }
      for (let seed = 0; seed < 300; seed++) {
        seen.add(await read(flipped(header, seed, 1 + (seed % 5)), dat));
        if (seed < 40) seen.add(await read(header, flipped(dat, seed, 1)));
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining(['read', 'truncated', 'bad-header', 'wrong-format']));
  });
});

function readRecord(folder: string, record: string): ReturnType<typeof readWfdb> {
  const header = readFileSync(join(folder, `${record}.hea`));
  return readWfdb(decodeWfdbHeader(header), async (name) => new Uint8Array(readFileSync(join(folder, name))));
}
