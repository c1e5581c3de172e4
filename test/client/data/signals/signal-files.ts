import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BrokenFile } from '../../../../client/data/media/broken-file.ts';
import type { RawLead } from '../../../../client/data/signals/raw-signal.ts';

/** A file of test/vectors/signals; its `how` says where the numbers are from. */
export function vector<Content>(name: string): Content {
  const path = fileURLToPath(new URL(`../../../vectors/signals/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8')) as Content;
}

export function base64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Opens these files and no other. */
export function opener(
  files: Readonly<Record<string, Uint8Array | string>>,
): (name: string) => Promise<Uint8Array> {
  return async (name) => {
    const file = files[name];
    if (file === undefined) throw new BrokenFile('unreadable', 'test: expected a file, got none');
    return typeof file === 'string' ? new TextEncoder().encode(file) : file;
  };
}

/** Format 212: the pairs' 12 low bits of each value, the second's 4 high bits above the first's. */
export function pack212(values: readonly number[]): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < values.length; i += 2) {
    const first = (values[i] as number) & 0xfff;
    const second = (values[i + 1] ?? 0) & 0xfff;
    out.push(first & 0xff, (first >> 8) | ((second >> 8) << 4));
    if (i + 1 < values.length) out.push(second & 0xff);
  }
  return Uint8Array.from(out);
}

/** Format 16. */
export function pack16(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(values).buffer);
}

export interface EdfSignalSketch {
  readonly label: string;
  readonly unit?: string;
  readonly physical?: readonly [number, number];
  readonly digital?: readonly [number, number];
  /** Per record: stored values, or for annotations the text. */
  readonly records: readonly (readonly number[] | string)[];
  /** For annotations, their length in samples. */
  readonly length?: number;
}

export interface EdfSketch {
  readonly signals: readonly EdfSignalSketch[];
  readonly seconds?: string;
  readonly reserved?: string;
  readonly patient?: string;
  readonly recording?: string;
  readonly count?: string;
}

/** The bytes of an EDF file, field by field as the specification lists them. */
export function edf(sketch: EdfSketch): Uint8Array {
  const { signals } = sketch;
  const records = Math.max(0, ...signals.map((signal) => signal.records.length));
  const columns = (width: number, cell: (signal: EdfSignalSketch) => string) =>
    signals.map((signal) => cell(signal).padEnd(width)).join('');
  const header = [
    '0'.padEnd(8),
    (sketch.patient ?? 'X X X X').padEnd(80),
    (sketch.recording ?? 'Startdate X X X X').padEnd(80),
    '01.01.85',
    '00.00.00',
    String(256 * (signals.length + 1)).padEnd(8),
    (sketch.reserved ?? '').padEnd(44),
    (sketch.count ?? String(records)).padEnd(8),
    (sketch.seconds ?? '1').padEnd(8),
    String(signals.length).padEnd(4),
    columns(16, (signal) => signal.label),
    columns(80, () => 'CANARY transducer'),
    columns(8, (signal) => signal.unit ?? 'uV'),
    columns(8, (signal) => String((signal.physical ?? [-32768, 32767])[0])),
    columns(8, (signal) => String((signal.physical ?? [-32768, 32767])[1])),
    columns(8, (signal) => String((signal.digital ?? [-32768, 32767])[0])),
    columns(8, (signal) => String((signal.digital ?? [-32768, 32767])[1])),
    columns(80, () => 'CANARY prefilter'),
    columns(8, (signal) => String(signal.length ?? signal.records[0]?.length ?? 1)),
    columns(32, () => ''),
  ].join('');
  const body: Uint8Array[] = [];
  for (let record = 0; record < records; record++) {
    for (const signal of signals) {
      const content = signal.records[record] as readonly number[] | string;
      body.push(
        typeof content === 'string'
          ? Buffer.from(content.padEnd(2 * (signal.length ?? 0), '\u0000'), 'latin1')
          : pack16(content),
      );
    }
  }
  return new Uint8Array(Buffer.concat([Buffer.from(header, 'latin1'), ...body]));
}

/** Flips `count` bits of a copy; the same seed flips the same. */
export function flipped(bytes: Uint8Array, seed: number, count: number): Uint8Array {
  const copy = bytes.slice();
  let state = seed + 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const at = state % copy.length;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    copy[at] = (copy[at] as number) ^ (1 << (state >>> 29));
  }
  return copy;
}

export function lead(name: string, values: readonly number[], rateHz = 100, unit = 'mV'): RawLead {
  return { name, unit, rateHz, values: Float32Array.from(values) };
}

/** The reason of the BrokenFile that `read` ends with; anything else fails the test. */
export async function reasonOf(read: () => unknown): Promise<string> {
  try {
    await read();
  } catch (error) {
    if (error instanceof BrokenFile) return error.reason;
    throw error;
  }
  return 'read';
}
