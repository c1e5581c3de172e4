import { describe, expect, it } from 'vitest';
import { SIGNAL_LIMITS } from '../../../../client/data/signals/raw-signal.ts';
import { readSignalCsv, type SignalCsvOptions } from '../../../../client/data/signals/read-signal-csv.ts';
import { flipped, reasonOf } from './signal-files.ts';

const AT_100: SignalCsvOptions = { rate: { kind: 'hertz', hertz: 100 }, unit: 'mV' };
const TIMED: SignalCsvOptions = { rate: { kind: 'times', column: 't', unit: 'ms' } };

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('readSignalCsv', () => {
  it('reads a column per lead, empty cells as NaN, quotes around names', () => {
    const signal = readSignalCsv(bytes('"I", II \r\n1,-2.5e1\r\n,.5\r\n'), AT_100);
    expect(signal).toEqual({
      leads: [
        { name: 'I', unit: 'mV', rateHz: 100, values: Float32Array.of(1, Number.NaN) },
        { name: 'II', unit: 'mV', rateHz: 100, values: Float32Array.of(-25, 0.5) },
      ],
    });
  });

  it('takes the rate from the times, and the leads that are named', () => {
    // 4 ms between rows: 250 Hz.
    const signal = readSignalCsv(bytes('t;V1;V2\n8;1;2\n12;3;4\n16;5;6'), {
      ...TIMED,
      columns: ['V2'],
      separator: ';',
    });
    expect(signal).toEqual({
      leads: [{ name: 'V2', unit: '', rateHz: 250, values: Float32Array.of(2, 4, 6) }],
    });
  });

  it('says what is wrong with a file', async () => {
    const read = (text: string, options: SignalCsvOptions = AT_100) =>
      reasonOf(() => readSignalCsv(bytes(text), options));
    expect(await read('I\n1\n')).toBe('read');
    expect(await read('')).toBe('bad-header');
    expect(await read('I\n')).toBe('empty');
    expect(await read('1,2\n3,4\n')).toBe('bad-header');
    expect(await read('I,I\n3,4\n')).toBe('bad-header');
    expect(await read('I,\n3,4\n')).toBe('bad-header');
    expect(await read('I,II\n3,4\n5')).toBe('truncated');
    expect(await read('I,II\n3\n5,6')).toBe('wrong-format');
    expect(await read('I,II\n3,4,5\n')).toBe('wrong-format');
    for (const cell of ['CANARY', 'NaN', 'Infinity', '0x10', '1 2', '1e39', '"1"']) {
      expect(await read(`I\n${cell}\n`), cell).toBe('wrong-format');
    }
    expect(await read('I\n1\n', { ...AT_100, columns: ['V9'] })).toBe('wrong-shape');
    expect(await read('t\n1\n2\n', TIMED)).toBe('wrong-shape');
    expect(await read('t,I\n1,0\n', TIMED)).toBe('bad-header');
    expect(await read('t,I\n0,0\n1.2,0\n2,0\n', TIMED)).toBe('read');
    expect(await read('t,I\n0,0\n10,0\n11,0\n', TIMED)).toBe('bad-header');
    expect(await read('t,I\n0,0\n,0\n2,0\n', TIMED)).toBe('bad-header');
    expect(await reasonOf(() => readSignalCsv(Uint8Array.of(73, 10, 255, 10), AT_100))).toBe('wrong-format');
  });

  it('refuses more than the limits', async () => {
    const read = (text: string, limits: Partial<typeof SIGNAL_LIMITS>) =>
      reasonOf(() => readSignalCsv(bytes(text), AT_100, { ...SIGNAL_LIMITS, ...limits }));
    expect(await read('I,II\n1,2\n', { bytes: 8 })).toBe('too-large');
    expect(await read('I,II\n1,2\n', { leads: 1 })).toBe('too-large');
    expect(await read('I,II\n1,2\n', { samples: 1 })).toBe('too-large');
    expect(await read(`I\n${'1'.repeat(2_000_000)}\n`, {})).toBe('too-large');
    expect(await read('I\n'.repeat(1000), { samples: 998 })).toBe('too-large');
  });

  it('survives files that are cut or damaged', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `${i * 2},${Math.sin(i)},${i}`);
    const file = bytes(`t,I,II\n${rows.join('\n')}\n`);
    const seen = new Set<string>();
    for (let length = 0; length < file.length; length += 97) {
      seen.add(await reasonOf(() => readSignalCsv(file.subarray(0, length), TIMED)));
    }
    for (let seed = 0; seed < 300; seed++) {
      seen.add(await reasonOf(() => readSignalCsv(flipped(file, seed, 1), TIMED)));
    }
    expect([...seen]).toEqual(expect.arrayContaining(['read', 'wrong-format']));
  });
});
