import { BrokenFile } from '../media/broken-file.ts';
import type { RawLead, SignalLimits } from './raw-signal.ts';
import { packedBytes, packedSamples, unpackWfdb, type WfdbFormat, wfdbFormat } from './wfdb-format.ts';
import type { WfdbRecord, WfdbSignal } from './wfdb-header.ts';

/** Signals that share a file, sample by sample in turn. */
interface SignalFile {
  /** Counted from 1, for messages: a file name may hold a patient's name. */
  readonly number: number;
  readonly signals: readonly WfdbSignal[];
  readonly frameSamples: number;
}

/**
 * The signals of a single-segment record, in physical units. Format 0 is NaN throughout.
 * @param open gives a file's bytes; what it throws passes through.
 * @throws BrokenFile `truncated` for a file shorter than the header says, `bad-header` also for a wrong checksum,
 * `unsupported`, `too-large`.
 */
export async function readWfdbRecord(
  record: WfdbRecord,
  open: (name: string) => Promise<Uint8Array>,
  limits: SignalLimits,
): Promise<RawLead[]> {
  const leads: RawLead[] = [];
  let budget = limits.samples;
  for (const file of signalFiles(record.signals)) {
    const first = file.signals[0] as WfdbSignal;
    const format = first.format === 0 ? undefined : storage(first.format, file);
    const bytes = format === undefined ? new Uint8Array() : await open(first.file);
    const frames = framesOf(file, { format, bytes, frames: record.frames });
    budget -= frames * file.frameSamples;
    if (budget < 0) {
      throw new BrokenFile('too-large', `WFDB record: expected at most ${limits.samples} samples, got more`);
    }
    leads.push(...decodeFile(file, { format, bytes, frames, rateHz: record.rateHz }));
  }
  return leads;
}

/** @throws BrokenFile `bad-header` unless the signals of a file are consecutive and stored alike. */
function signalFiles(signals: readonly WfdbSignal[]): SignalFile[] {
  const groups: WfdbSignal[][] = [];
  const seen = new Set<string>();
  let before: WfdbSignal | undefined;
  for (const signal of signals) {
    if (before === undefined || before.file !== signal.file || before.format === 0 || signal.format === 0) {
      if (signal.format !== 0 && seen.has(signal.file)) {
        throw new BrokenFile('bad-header', 'WFDB header: expected the signals of one file side by side');
      }
      seen.add(signal.file);
      groups.push([signal]);
    } else {
      if (before.format !== signal.format || before.byteOffset !== signal.byteOffset) {
        throw new BrokenFile(
          'bad-header',
          'WFDB header: expected one format and byte offset per signal file',
        );
      }
      groups.at(-1)?.push(signal);
    }
    before = signal;
  }
  return groups.map((group, i) => ({
    number: i + 1,
    signals: group,
    frameSamples: group.reduce((sum, signal) => sum + signal.samplesPerFrame, 0),
  }));
}

function storage(code: number, file: SignalFile): WfdbFormat {
  const format = wfdbFormat(code);
  if (format !== undefined) return format;
  throw new BrokenFile(
    'unsupported',
    `WFDB signal file ${file.number}: expected format 0, 8, 16, 24, 32, 61, 80, 160, 212, 310 or 311, got ${code}`,
  );
}

function framesOf(
  file: SignalFile,
  held: {
    readonly format: WfdbFormat | undefined;
    readonly bytes: Uint8Array;
    readonly frames: number | undefined;
  },
): number {
  const { format, bytes, frames } = held;
  if (format === undefined) return frames ?? 0;
  const offset = (file.signals[0] as WfdbSignal).byteOffset;
  const available = Math.max(0, bytes.length - offset);
  if (frames === undefined) return Math.floor(packedSamples(format, available) / file.frameSamples);
  const need = packedBytes(format, frames * file.frameSamples);
  if (available >= need) return frames;
  throw new BrokenFile(
    'truncated',
    `WFDB signal file ${file.number}: expected ${offset + need} bytes, got ${bytes.length}`,
  );
}

function decodeFile(
  file: SignalFile,
  stored: {
    readonly format: WfdbFormat | undefined;
    readonly bytes: Uint8Array;
    readonly frames: number;
    readonly rateHz: number;
  },
): RawLead[] {
  const { format, bytes, frames, rateHz } = stored;
  const offset = (file.signals[0] as WfdbSignal).byteOffset;
  const samples =
    format === undefined
      ? undefined
      : unpackWfdb(format, bytes.subarray(Math.min(offset, bytes.length)), frames * file.frameSamples);
  let at = 0;
  return file.signals.map((signal) => {
    const place = { at, stride: file.frameSamples, frames };
    at += signal.samplesPerFrame;
    const values =
      format === undefined || samples === undefined
        ? new Float32Array(frames * signal.samplesPerFrame).fill(Number.NaN)
        : physical(signal, format, { samples, ...place });
    return { name: signal.name, unit: signal.unit, rateHz: rateHz * signal.samplesPerFrame, values };
  });
}

/** Frames that the skew moves past the end are NaN; the checksum is over the file's frames, as header(5) has it. */
function physical(
  signal: WfdbSignal,
  format: WfdbFormat,
  place: {
    readonly samples: Int32Array;
    readonly at: number;
    readonly stride: number;
    readonly frames: number;
  },
): Float32Array {
  const { samplesPerFrame, baseline, gain } = signal;
  const { samples, at, stride, frames } = place;
  const values = new Float32Array(frames * samplesPerFrame).fill(Number.NaN);
  const shift = signal.skewFrames * samplesPerFrame;
  let sum = 0;
  let stored = signal.initial;
  for (let frame = 0, i = -shift; frame < frames; frame++) {
    for (let k = 0; k < samplesPerFrame; k++, i++) {
      const sample = samples[frame * stride + at + k] as number;
      stored = format.isDifference ? (stored + sample) | 0 : sample;
      sum = (sum + stored) | 0;
      if (i < 0 || stored === format.invalid) continue;
      values[i] = (stored - baseline) / gain;
      if (!Number.isFinite(values[i])) {
        throw new BrokenFile('bad-header', 'WFDB header: expected gains that keep values below 3.4e38');
      }
    }
  }
  if (signal.checksum !== undefined && (sum & 0xffff) !== signal.checksum) {
    throw new BrokenFile(
      'bad-header',
      "WFDB signal: expected samples that sum to the header's checksum, got others",
    );
  }
  return values;
}
