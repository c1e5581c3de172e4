import { BrokenFile } from '../media/broken-file.ts';
import { type EdfHeader, type EdfSignal, parseEdfHeader } from './edf-header.ts';
import { type RawLead, type RawSignal, SIGNAL_LIMITS, type SignalLimits } from './raw-signal.ts';
import { decimalNumber } from './strict-number.ts';

/**
 * Reads EDF, EDF+ and BDF, 16 or 24 bits. Where the records of EDF+D leave time between them, values are NaN. Annotations,
 * patient, recording and start are never decoded.
 * @param bytes of the whole file; borrowed.
 * @throws BrokenFile `wrong-format`, `truncated`, `bad-header`, `too-large`, `unsupported` for single samples without a
 * rate, `empty`.
 */
export function readEdf(bytes: Uint8Array, limits: SignalLimits = SIGNAL_LIMITS): RawSignal {
  const header = parseEdfHeader(bytes, limits);
  const { headerBytes, records, recordBytes, recordSeconds } = header;
  const signals = header.signals.filter((signal) => !signal.isAnnotation);
  if (records === 0 || signals.length === 0) {
    throw new BrokenFile('empty', 'EDF: expected a data record with samples, got none');
  }
  const need = headerBytes + records * recordBytes;
  if (bytes.length < need) {
    throw new BrokenFile('truncated', `EDF: expected ${need} bytes, got ${bytes.length}`);
  }
  if (bytes.length - need >= recordBytes) {
    throw new BrokenFile('bad-header', `EDF: expected ${need} bytes for its records, got ${bytes.length}`);
  }
  if (recordSeconds === 0) {
    throw new BrokenFile('unsupported', 'EDF: expected records that last, got a duration of 0');
  }
  const starts = header.isDiscontinuous ? recordStarts(bytes, header) : undefined;
  const lengths = signals.map((signal) => lengthOf(signal, { header, starts }));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total > limits.samples) {
    throw new BrokenFile('too-large', `EDF: expected at most ${limits.samples} samples, got ${total}`);
  }
  return {
    leads: signals.map((signal, i) =>
      decode(bytes, signal, { header, starts, length: lengths[i] as number }),
    ),
  };
}

/** Seconds from the first record to each; their end lies half a sample, at most, after the next one's start. */
function recordStarts(bytes: Uint8Array, header: EdfHeader): Float64Array {
  const clock = header.signals.find((signal) => signal.isAnnotation);
  if (clock === undefined) {
    throw new BrokenFile('bad-header', 'EDF+D: expected annotations that say when each record begins');
  }
  const starts = new Float64Array(header.records);
  for (let record = 0; record < header.records; record++) {
    const at = header.headerBytes + record * header.recordBytes + clock.byteOffset;
    starts[record] = onset(bytes.subarray(at, at + clock.samplesPerRecord * header.sampleBytes), record);
  }
  const first = starts[0] as number;
  return starts.map((start) => start - first);
}

/** The time stamp that begins a record's annotations; nothing behind it is looked at. */
function onset(annotations: Uint8Array, record: number): number {
  const end = annotations.subarray(0, 32).findIndex((byte) => byte === 0x14 || byte === 0x15);
  const text = end < 0 ? '' : String.fromCharCode(...annotations.subarray(0, end));
  const seconds = /^[+-]/.test(text) ? decimalNumber(text) : undefined;
  if (seconds !== undefined) return seconds;
  throw new BrokenFile('bad-header', `EDF+D record ${record + 1}: expected the time at which it begins`);
}

/** Where a record's samples begin among the lead's. */
function firstSample(
  signal: EdfSignal,
  timing: { readonly header: EdfHeader; readonly starts: Float64Array | undefined },
  record: number,
): number {
  const { header, starts } = timing;
  if (starts === undefined) return record * signal.samplesPerRecord;
  return Math.round(((starts[record] as number) * signal.samplesPerRecord) / header.recordSeconds);
}

function lengthOf(
  signal: EdfSignal,
  timing: { readonly header: EdfHeader; readonly starts: Float64Array | undefined },
): number {
  let end = 0;
  for (let record = 0; record < timing.header.records; record++) {
    const start = firstSample(signal, timing, record);
    if (!(start >= end)) {
      throw new BrokenFile(
        'bad-header',
        `EDF+D record ${record + 1}: expected it to begin when the one before ended`,
      );
    }
    end = start + signal.samplesPerRecord;
  }
  return end;
}

function decode(
  bytes: Uint8Array,
  signal: EdfSignal,
  timing: {
    readonly header: EdfHeader;
    readonly starts: Float64Array | undefined;
    readonly length: number;
  },
): RawLead {
  const { header, length } = timing;
  const { scale, offset, samplesPerRecord } = signal;
  const values = new Float32Array(length).fill(Number.NaN);
  for (let record = 0; record < header.records; record++) {
    let from = header.headerBytes + record * header.recordBytes + signal.byteOffset;
    let to = firstSample(signal, timing, record);
    for (let k = 0; k < samplesPerRecord; k++, to++, from += header.sampleBytes) {
      values[to] = stored(bytes, from, header.sampleBytes) * scale + offset;
      if (!Number.isFinite(values[to])) {
        throw new BrokenFile('bad-header', 'EDF header: expected scales that keep values below 3.4e38');
      }
    }
  }
  return { name: signal.name, unit: signal.unit, rateHz: samplesPerRecord / header.recordSeconds, values };
}

/** Two's complement, least significant byte first. */
function stored(bytes: Uint8Array, at: number, size: 2 | 3): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  return size === 2 ? (low << 16) >> 16 : ((low | ((bytes[at + 2] as number) << 16)) << 8) >> 8;
}
