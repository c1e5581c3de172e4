import { BrokenFile } from '../media/broken-file.ts';
import type { SignalLimits } from './raw-signal.ts';
import { decimalNumber, wholeNumber } from './strict-number.ts';

/** A record whose samples are in signal files. */
export interface WfdbRecord {
  readonly kind: 'record';
  readonly rateHz: number;
  /** Samples per signal at `rateHz`; undefined where the header does not say. */
  readonly frames: number | undefined;
  readonly signals: readonly WfdbSignal[];
}

/** A record made of others, in order of time. */
export interface WfdbSegments {
  readonly kind: 'segments';
  readonly rateHz: number;
  readonly signalCount: number;
  readonly segments: readonly WfdbSegment[];
}

export interface WfdbSegment {
  /** `~`: nothing was recorded. */
  readonly record: string;
  readonly frames: number;
}

export interface WfdbSignal {
  readonly file: string;
  readonly format: number;
  readonly samplesPerFrame: number;
  /** Frames of this signal that precede frame 0 of the record. */
  readonly skewFrames: number;
  /** Length of the preamble of the signal file. */
  readonly byteOffset: number;
  /** Stored units per physical unit; not 0. */
  readonly gain: number;
  /** Stored value of physical 0. */
  readonly baseline: number;
  readonly unit: string;
  /** Of a signal that is stored as differences: the value before the first. */
  readonly initial: number;
  /** Sum of the stored values, mod 2^16; undefined where there is none to hold the file to. */
  readonly checksum: number | undefined;
  readonly name: string;
}

const HEADER_CHARACTERS = 1 << 20;
const SEGMENTS = 1 << 14;
/** What header(5) assumes where the header does not say. */
const DEFAULT = { rateHz: 250, gain: 200, unit: 'mV' };

const FORMAT = /^(\d{1,4})(?:x(\d{1,6}))?(?::(\d{1,9}))?(?:\+(\d{1,12}))?$/;
const GAIN = /^([^(/]{1,40})(?:\(([+-]?\d{1,12})\))?(?:\/(\S{1,80}))?$/;

/**
 * Reads a WFDB header: header(5) of the WFDB Applications Guide. Comments, counter, base time and date are not kept.
 * @param text of a `.hea` file; borrowed from {@link decodeWfdbHeader}.
 * @throws BrokenFile `wrong-format`, `truncated` when lines are missing, `bad-header`, `too-large`, `unsupported` for a
 * record on standard input, `outside-folder` for a file name that is a path.
 */
export function parseWfdbHeader(text: string, limits: SignalLimits): WfdbRecord | WfdbSegments {
  if (text.length > HEADER_CHARACTERS) {
    throw new BrokenFile(
      'too-large',
      `WFDB header: expected at most ${HEADER_CHARACTERS} characters, got ${text.length}`,
    );
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [recordLine, ...rest] = lines;
  const [name = '', count = '', rate = '', frames = ''] = (recordLine ?? '').split(/[ \t]+/);
  const signalCount = wholeNumber(count);
  if (signalCount === undefined || signalCount < 0) {
    throw new BrokenFile('wrong-format', 'WFDB header: expected a record line with a number of signals');
  }
  if (signalCount > limits.leads) {
    throw new BrokenFile(
      'too-large',
      `WFDB record: expected at most ${limits.leads} signals, got ${signalCount}`,
    );
  }
  const rateHz = rate === '' ? DEFAULT.rateHz : decimalNumber(rate.replace(/\/.*$/, ''));
  if (rateHz === undefined || !(rateHz > 0)) {
    throw badHeader('record line', 'a sampling frequency above 0');
  }
  const length = frames === '' ? 0 : wholeNumber(frames);
  if (length === undefined || length < 0) throw badHeader('record line', 'a number of samples');
  const slash = name.indexOf('/');
  if (slash < 0) {
    const signals = needed(rest, signalCount).map((line, i) => parseSignal(line, i, length > 0));
    return { kind: 'record', rateHz, frames: length === 0 ? undefined : length, signals };
  }
  const segmentCount = wholeNumber(name.slice(slash + 1));
  if (segmentCount === undefined || segmentCount < 1) throw badHeader('record line', 'a number of segments');
  if (segmentCount > SEGMENTS) {
    throw new BrokenFile(
      'too-large',
      `WFDB record: expected at most ${SEGMENTS} segments, got ${segmentCount}`,
    );
  }
  const segments = needed(rest, segmentCount).map(parseSegment);
  const sum = segments.reduce((total, segment) => total + segment.frames, 0);
  if (length > 0 && sum !== length) throw badHeader('record line', 'the sum of the lengths of its segments');
  return { kind: 'segments', rateHz, signalCount, segments };
}

/** Text of a header file: UTF-8, or Latin-1 as older devices write it. */
export function decodeWfdbHeader(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** Extra lines are ignored, as header(5) has it. */
function needed(lines: readonly string[], count: number): readonly string[] {
  if (lines.length >= count) return lines.slice(0, count);
  throw new BrokenFile(
    'truncated',
    `WFDB header: expected ${count} lines after the record line, got ${lines.length}`,
  );
}

function parseSegment(line: string, i: number): WfdbSegment {
  const [record = '', length = ''] = line.split(/[ \t]+/);
  const frames = wholeNumber(length);
  if (frames === undefined || frames < 0) throw badHeader(`segment ${i + 1}`, 'a number of samples');
  if (record !== '~') checkFileName(record, `segment ${i + 1}`);
  return { record, frames };
}

function parseSignal(line: string, i: number, isLengthKnown: boolean): WfdbSignal {
  const where = `signal ${i + 1}`;
  const { fields, rest } = leadingFields(line, 8);
  const [file = '', format = '', gain = '', , zero = '', initial = '', checksum = '', block = ''] = fields;
  const parts = FORMAT.exec(format);
  if (parts === null) throw badHeader(where, 'a storage format');
  const whole = (text: string, otherwise: number) => {
    const value = text === '' ? otherwise : wholeNumber(text);
    if (value === undefined) throw badHeader(where, 'whole numbers from the resolution to the block size');
    return value;
  };
  whole(fields[3] ?? '', 0);
  whole(block, 0);
  const adcZero = whole(zero, 0);
  const sum = whole(checksum, 0) & 0xffff;
  const samplesPerFrame = Number(parts[2] ?? 1);
  if (samplesPerFrame < 1) throw badHeader(where, 'at least 1 sample per frame');
  const stored = Number(parts[1]);
  if (stored !== 0) checkFileName(file, where);
  return {
    file,
    format: stored,
    samplesPerFrame,
    skewFrames: Number(parts[3] ?? 0),
    byteOffset: Number(parts[4] ?? 0),
    ...parseGain(gain, adcZero, where),
    initial: whole(initial, adcZero),
    // Writers without a sum put 0; a true sum of 0 is one of 2^16.
    checksum: isLengthKnown && sum !== 0 ? sum : undefined,
    name: rest === '' ? `signal ${i}` : rest,
  };
}

function parseGain(
  text: string,
  adcZero: number,
  where: string,
): { readonly gain: number; readonly baseline: number; readonly unit: string } {
  if (text === '') return { gain: DEFAULT.gain, baseline: adcZero, unit: DEFAULT.unit };
  const parts = GAIN.exec(text);
  const gain = decimalNumber(parts?.[1] ?? '');
  if (parts === null || gain === undefined)
    throw badHeader(where, 'a gain, with (baseline) and /unit or none');
  return {
    gain: gain === 0 ? DEFAULT.gain : gain,
    baseline: parts[2] === undefined ? adcZero : Number(parts[2]),
    unit: parts[3] ?? DEFAULT.unit,
  };
}

/** The first `count` fields, and the text after them as it is. */
function leadingFields(line: string, count: number): { fields: string[]; rest: string } {
  const fields: string[] = [];
  let rest = line;
  while (fields.length < count && rest !== '') {
    const end = rest.search(/[ \t]/);
    fields.push(end < 0 ? rest : rest.slice(0, end));
    rest = end < 0 ? '' : rest.slice(end).trimStart();
  }
  return { fields, rest };
}

/** Files of a record lie beside its header; header(5) would allow any path. */
function checkFileName(name: string, where: string): void {
  if (name === '-') {
    throw new BrokenFile('unsupported', `WFDB header, ${where}: expected a file, got standard input`);
  }
  if (/[/\\:]/.test(name) || name.includes('..')) {
    throw new BrokenFile(
      'outside-folder',
      `WFDB header, ${where}: expected the name of a file beside the header, got a path`,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  if (name.length > 250 || /[\u0000-\u001f\u007f]/.test(name) || name === '.' || name === '~') {
    throw badHeader(where, 'a file name');
  }
}

function badHeader(where: string, expected: string): BrokenFile {
  return new BrokenFile('bad-header', `WFDB header, ${where}: expected ${expected}`);
}
