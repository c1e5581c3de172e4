import { BrokenFile } from '../media/broken-file.ts';
import type { SignalLimits } from './raw-signal.ts';
import { decimalNumber, wholeNumber } from './strict-number.ts';

export interface EdfHeader {
  readonly headerBytes: number;
  /** EDF: 2; BDF: 3. */
  readonly sampleBytes: 2 | 3;
  readonly records: number;
  readonly recordBytes: number;
  /** 0 only in a file of annotations alone. */
  readonly recordSeconds: number;
  /** EDF+D: each record says when it begins. */
  readonly isDiscontinuous: boolean;
  readonly signals: readonly EdfSignal[];
}

export interface EdfSignal {
  /** Text instead of samples: never read, but for the time at which a record begins. */
  readonly isAnnotation: boolean;
  readonly name: string;
  readonly unit: string;
  readonly samplesPerRecord: number;
  /** From the start of a record. */
  readonly byteOffset: number;
  /** Physical = stored × scale + offset. */
  readonly scale: number;
  readonly offset: number;
}

const FIXED_BYTES = 256;
const SIGNAL_BYTES = 256;

/**
 * Reads the header of EDF (Kemp et al. 1992), EDF+ (Kemp & Olivan 2003) or BDF. Of the fixed part, only version, sizes and
 * the continuity are decoded: patient, recording and start stay bytes.
 * @throws BrokenFile `wrong-format`, `truncated` (also for a recording that was never closed), `bad-header`, `too-large`.
 */
export function parseEdfHeader(bytes: Uint8Array, limits: SignalLimits): EdfHeader {
  if (bytes.length > limits.bytes) {
    throw new BrokenFile('too-large', `EDF: expected at most ${limits.bytes} bytes, got ${bytes.length}`);
  }
  const sampleBytes = versionOf(bytes);
  if (bytes.length < FIXED_BYTES) {
    throw new BrokenFile('truncated', `EDF header: expected ${FIXED_BYTES} bytes, got ${bytes.length}`);
  }
  const signalCount = wholeNumber(field(bytes, 252, 4));
  if (signalCount === undefined || signalCount < 0) throw badHeader('a number of signals');
  if (signalCount > limits.leads) {
    throw new BrokenFile('too-large', `EDF: expected at most ${limits.leads} signals, got ${signalCount}`);
  }
  const headerBytes = wholeNumber(field(bytes, 184, 8));
  if (headerBytes !== FIXED_BYTES + SIGNAL_BYTES * signalCount) {
    throw badHeader('256 bytes, and 256 per signal, as its length');
  }
  if (bytes.length < headerBytes) {
    throw new BrokenFile('truncated', `EDF header: expected ${headerBytes} bytes, got ${bytes.length}`);
  }
  const records = wholeNumber(field(bytes, 236, 8));
  if (records === -1) {
    throw new BrokenFile('truncated', 'EDF header: expected a number of data records, got -1: never closed');
  }
  if (records === undefined || records < 0) throw badHeader('a number of data records');
  const recordSeconds = decimalNumber(field(bytes, 244, 8));
  if (recordSeconds === undefined || recordSeconds < 0) throw badHeader('a duration of a data record');
  const signals = parseSignals(bytes, { count: signalCount, sampleBytes });
  const last = signals.at(-1);
  return {
    headerBytes,
    sampleBytes,
    records,
    recordBytes: last === undefined ? 0 : last.byteOffset + last.samplesPerRecord * sampleBytes,
    recordSeconds,
    isDiscontinuous: /^[EB]DF\+D/.test(field(bytes, 192, 44)),
    signals,
  };
}

function versionOf(bytes: Uint8Array): 2 | 3 {
  const text = field(bytes, 0, 8);
  if (bytes.length >= 8 && text === '0') return 2;
  if (text === '\u00ffBIOSEMI') return 3;
  throw new BrokenFile('wrong-format', 'EDF: expected version 0, or BIOSEMI of BDF, as the first 8 bytes');
}

/** The header holds all labels, then all transducers, and so on. */
function parseSignals(
  bytes: Uint8Array,
  { count, sampleBytes }: { readonly count: number; readonly sampleBytes: 2 | 3 },
): EdfSignal[] {
  let byteOffset = 0;
  return Array.from({ length: count }, (_, i) => {
    const text = (bytesBefore: number, size: number) =>
      field(bytes, FIXED_BYTES + bytesBefore * count + size * i, size);
    const number = (bytesBefore: number, what: string) => {
      const value = decimalNumber(text(bytesBefore, 8));
      if (value === undefined) throw badHeader(what, i);
      return value;
    };
    const name = text(0, 16);
    const isAnnotation = name === 'EDF Annotations' || name === 'BDF Annotations';
    const samplesPerRecord = wholeNumber(text(216, 8));
    if (samplesPerRecord === undefined || samplesPerRecord < 1) {
      throw badHeader('at least 1 sample per data record', i);
    }
    const signal = {
      isAnnotation,
      name: printable(name, 'a label', i),
      unit: printable(text(96, 8), 'a unit', i),
      samplesPerRecord,
      byteOffset,
      ...(isAnnotation
        ? { scale: 1, offset: 0 }
        : scaling({
            physical: [number(104, 'a physical minimum'), number(112, 'a physical maximum')],
            digital: [number(120, 'a digital minimum'), number(128, 'a digital maximum')],
            signal: i,
          })),
    };
    byteOffset += samplesPerRecord * sampleBytes;
    return signal;
  });
}

function scaling(from: {
  readonly physical: readonly [number, number];
  readonly digital: readonly [number, number];
  readonly signal: number;
}): { readonly scale: number; readonly offset: number } {
  const [low, high] = from.digital;
  if (!(low < high)) throw badHeader('a digital minimum below the digital maximum', from.signal);
  const [bottom, top] = from.physical;
  if (bottom === top) throw badHeader('a physical minimum other than the physical maximum', from.signal);
  const scale = (top - bottom) / (high - low);
  return { scale, offset: bottom - scale * low };
}

/** Latin-1, as some devices write µ; trailing blanks are padding. */
function field(bytes: Uint8Array, at: number, size: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + size)).replace(/^ +| +$/g, '');
}

function printable(text: string, what: string, signal: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) throw badHeader(`${what} of printable characters`, signal);
  return text;
}

function badHeader(expected: string, signal?: number): BrokenFile {
  const where = signal === undefined ? 'EDF header' : `EDF header, signal ${signal + 1}`;
  return new BrokenFile('bad-header', `${where}: expected ${expected}`);
}
