import { BrokenFile } from '../media/broken-file.ts';
import type { RawLead, SignalLimits } from './raw-signal.ts';
import {
  decodeWfdbHeader,
  parseWfdbHeader,
  type WfdbRecord,
  type WfdbSegment,
  type WfdbSegments,
} from './wfdb-header.ts';
import { readWfdbRecord } from './wfdb-record.ts';

/** The leads of the whole record, and whether a segment may lack some of them. */
interface Layout {
  readonly isVariable: boolean;
  readonly leads: readonly RawLead[];
  readonly perFrame: readonly number[];
}

/**
 * The signals of a multi-segment record, one after the other in time. In a variable layout (segment 0 has no samples
 * and names the leads), leads are found by name; where a segment lacks one, or nothing was recorded, the values are NaN.
 * @throws BrokenFile as reading one record does, and `bad-header` for segments that differ in rate, leads or units.
 */
export async function readWfdbSegments(
  header: WfdbSegments,
  open: (name: string) => Promise<Uint8Array>,
  limits: SignalLimits,
): Promise<readonly RawLead[]> {
  const frames = header.segments.reduce((sum, segment) => sum + segment.frames, 0);
  let layout: Layout | undefined;
  let at = 0;
  for (const [i, segment] of header.segments.entries()) {
    if (segment.record !== '~') {
      const record = await openSegment(segment, { header, number: i + 1, open, limits });
      const isLayout = i === 0 && segment.frames === 0;
      if (isLayout || record.signals.some((signal) => signal.format !== 0)) {
        layout ??= emptyLayout(record, { header, frames, limits, isVariable: isLayout });
        if (!isLayout) place(await readWfdbRecord(record, open, limits), { layout, at, number: i + 1 });
      }
    }
    at += segment.frames;
  }
  return layout?.leads ?? [];
}

async function openSegment(
  segment: WfdbSegment,
  from: {
    readonly header: WfdbSegments;
    readonly number: number;
    readonly open: (name: string) => Promise<Uint8Array>;
    readonly limits: SignalLimits;
  },
): Promise<WfdbRecord> {
  const bytes = await from.open(`${segment.record}.hea`);
  const record = parseWfdbHeader(decodeWfdbHeader(bytes), from.limits);
  if (record.kind === 'segments') throw mismatch(from.number, 'a record without segments of its own');
  if (record.rateHz !== from.header.rateHz)
    throw mismatch(from.number, 'the sampling frequency of the record');
  if ((record.frames ?? 0) !== segment.frames) {
    throw mismatch(from.number, 'the length that the record gives it');
  }
  return record;
}

function emptyLayout(
  record: WfdbRecord,
  from: {
    readonly header: WfdbSegments;
    readonly frames: number;
    readonly limits: SignalLimits;
    readonly isVariable: boolean;
  },
): Layout {
  const { header, frames, limits, isVariable } = from;
  if (record.signals.length !== header.signalCount) {
    throw mismatch(1, `${header.signalCount} signals, as the record says`);
  }
  if (isVariable && new Set(record.signals.map((signal) => signal.name)).size !== header.signalCount) {
    throw mismatch(1, 'a name of its own for each lead');
  }
  const perFrame = record.signals.map((signal) => signal.samplesPerFrame);
  if (frames * perFrame.reduce((sum, count) => sum + count, 0) > limits.samples) {
    throw new BrokenFile('too-large', `WFDB record: expected at most ${limits.samples} samples, got more`);
  }
  const leads = record.signals.map((signal) => ({
    name: signal.name,
    unit: signal.unit,
    rateHz: record.rateHz * signal.samplesPerFrame,
    values: new Float32Array(frames * signal.samplesPerFrame).fill(Number.NaN),
  }));
  return { isVariable, leads, perFrame };
}

/** Copies a segment's leads into the record's, which change in place. */
function place(
  leads: readonly RawLead[],
  into: { readonly layout: Layout; readonly at: number; readonly number: number },
): void {
  const { layout, at, number } = into;
  if (!layout.isVariable && leads.length !== layout.leads.length) throw mismatch(number, 'as many signals');
  const used = new Set<number>();
  for (const [i, lead] of leads.entries()) {
    const index = layout.isVariable ? layout.leads.findIndex((known) => known.name === lead.name) : i;
    const target = layout.leads[index];
    if (target === undefined || target.name !== lead.name || used.has(index)) {
      throw mismatch(number, 'the leads of the record');
    }
    if (target.unit !== lead.unit || target.rateHz !== lead.rateHz) {
      throw mismatch(number, 'the unit and sampling frequency of the lead');
    }
    used.add(index);
    target.values.set(lead.values, at * (layout.perFrame[index] as number));
  }
}

function mismatch(number: number, expected: string): BrokenFile {
  return new BrokenFile('bad-header', `WFDB record, segment ${number}: expected ${expected}`);
}
