import type { SignalInput } from '../../../shared/study/modality-input.ts';
import { BrokenFile } from '../media/broken-file.ts';
import { type Biquad, highpass, lowpass, notch, zeroPhase } from './biquad.ts';
import { fillGaps, type Gap } from './gaps.ts';
import { leadsByName, leadsByPosition } from './lead-names.ts';
import { type RawLead, type RawSignal, SIGNAL_LIMITS } from './raw-signal.ts';
import { type Resampler, resample, resampledLength, resampler } from './resample.ts';
import { unitFactor } from './voltage-unit.ts';

/** What the encoder of a study's signal modality takes, as the study was checked. */
export interface SignalSpec extends SignalInput {
  readonly samples: number;
  readonly channels: number;
  readonly rateHz: number;
  /** At most this many windows of one recording, for `spread`. */
  readonly instances: number;
}

export interface PreparedSignal {
  /** Each [samples, channels]. */
  readonly instances: readonly Float32Array[];
  /** Channels that are 0 throughout: names of the study, or `#3` where it has none. */
  readonly missingLeads: readonly string[];
}

/** A lead of the recording, filtered, at its own rate. */
interface FilteredLead {
  /** Less `level`, so that the resampler's small unevenness makes no ripple of a constant. */
  readonly values: Float64Array;
  readonly level: number;
  readonly gaps: readonly Gap[];
  readonly resampler: Resampler;
  /** Samples at the study's rate. */
  readonly length: number;
}

/**
 * The encoder's input of one recording: leads picked, converted to the unit, gaps filled, filtered without delay at their
 * own rate, resampled, cut or padded, normalized. Padding, missing leads and gaps longer than `LONGEST_BRIDGE_S` are 0
 * after normalization, and do not count in it. Mean and deviation are over all instances of the recording.
 * @throws BrokenFile `wrong-shape` for none of the leads, a unit that does not convert, or a rate too slow for the high
 * pass; `empty` when no lead holds a valid sample; `bad-header` for a rate or values that are no numbers; `too-large`.
 */
export function prepareSignal(raw: RawSignal, spec: SignalSpec): PreparedSignal {
  const picked =
    spec.leads === undefined ? leadsByPosition(raw.leads, spec.channels) : leadsByName(raw.leads, spec.leads);
  const resamplers = new Map<number, Resampler>();
  const leads = picked.map((lead) => (lead === undefined ? undefined : filtered(lead, spec, resamplers)));
  if (leads.every((lead) => lead === undefined)) {
    throw new BrokenFile('empty', 'recording: expected valid samples, got none');
  }
  const length = Math.max(...leads.map((lead) => lead?.length ?? 0));
  const windows = windowStarts(length, spec);
  const total = windows.length * spec.samples * spec.channels;
  if (total > SIGNAL_LIMITS.samples) {
    throw new BrokenFile(
      'too-large',
      `recording: expected at most ${SIGNAL_LIMITS.samples} values, got ${total}`,
    );
  }
  const instances = windows.map((start) => cut(leads, start, spec));
  if (spec.normalize !== 'none') normalize(instances, spec);
  return {
    instances: instances.map(finite),
    missingLeads: leads.flatMap((lead, i) => (lead === undefined ? [spec.leads?.[i] ?? `#${i + 1}`] : [])),
  };
}

/** Undefined when it holds no valid sample. */
function filtered(
  lead: RawLead,
  spec: SignalSpec,
  resamplers: Map<number, Resampler>,
): FilteredLead | undefined {
  const { rateHz } = lead;
  if (!(rateHz > 0) || rateHz === Number.POSITIVE_INFINITY) {
    throw new BrokenFile('bad-header', `recording: expected a sampling rate above 0 Hz, got ${rateHz}`);
  }
  const factor = spec.unit === undefined ? 1 : unitFactor(lead.unit, spec.unit);
  const whole = fillGaps(lead.values, rateHz);
  if (whole === undefined) return undefined;
  for (let i = 0; i < whole.filled.length; i++) whole.filled[i] = (whole.filled[i] as number) * factor;
  const known = resamplers.get(rateHz) ?? resampler(rateHz, spec.rateHz);
  resamplers.set(rateHz, known);
  const values = zeroPhase(whole.filled, sections(spec, rateHz), settling(spec, rateHz));
  const level = values.reduce((sum, value) => sum + value, 0) / values.length;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - level;
  return {
    values,
    level,
    gaps: whole.gaps,
    resampler: known,
    length: resampledLength(whole.filled.length, known),
  };
}

/** A low pass or notch that the recording's rate cannot hold has nothing to take away. */
function sections(spec: SignalSpec, rateHz: number): Biquad[] {
  const chosen: Biquad[] = [];
  const nyquist = rateHz / 2;
  if (spec.highpass !== undefined) {
    if (!(spec.highpass < nyquist)) {
      throw new BrokenFile(
        'wrong-shape',
        `recording: expected more than ${2 * spec.highpass} Hz for the high pass, got ${rateHz} Hz`,
      );
    }
    chosen.push(highpass(spec.highpass, rateHz));
  }
  if (spec.lowpass !== undefined && spec.lowpass < nyquist) chosen.push(lowpass(spec.lowpass, rateHz));
  if (spec.notch !== undefined && spec.notch < nyquist) chosen.push(notch(spec.notch, rateHz));
  return chosen;
}

/** Samples by which the ends are extended: a period of the slowest filter. */
function settling({ highpass, lowpass, notch }: SignalSpec, rateHz: number): number {
  const slowest = Math.min(...[highpass, lowpass, notch].filter((hertz) => hertz !== undefined));
  return Math.ceil(rateHz / slowest);
}

/** Where each window begins; before 0 when the recording is shorter and lies in its middle. */
function windowStarts(length: number, { samples, segment, instances }: SignalSpec): number[] {
  if (segment === 'start') return [0];
  const count = segment === 'middle' ? 1 : Math.min(instances, Math.max(1, Math.floor(length / samples)));
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * length) / count - samples / 2));
}

/** One window, [samples, channels]; NaN where nothing is known. */
function cut(leads: readonly (FilteredLead | undefined)[], start: number, spec: SignalSpec): Float64Array {
  const { samples, channels } = spec;
  const window = new Float64Array(samples * channels).fill(Number.NaN);
  for (const [channel, lead] of leads.entries()) {
    if (lead === undefined) continue;
    const from = Math.max(start, 0);
    const count = Math.min(start + samples, lead.length) - from;
    if (count <= 0) continue;
    const values = resample(lead.values, lead.resampler, { from, count });
    forget(values, lead, from);
    for (let i = 0; i < count; i++) {
      window[(from - start + i) * channels + channel] = (values[i] as number) + lead.level;
    }
  }
  return window;
}

/** NaN, in place, for what lies between the valid samples around a long gap. */
function forget(values: Float64Array, { gaps, resampler: { up, down } }: FilteredLead, from: number): void {
  for (const gap of gaps) {
    const first = gap.from === 0 ? 0 : Math.floor(((gap.from - 1) * up) / down) + 1;
    const end = Math.ceil((gap.to * up) / down);
    if (end > from) values.fill(Number.NaN, Math.max(0, first - from), end - from);
  }
}

/** In place. A lead that is flat becomes 0. */
function normalize(instances: readonly Float64Array[], { channels, normalize }: SignalSpec): void {
  const groups =
    normalize === 'lead'
      ? Array.from({ length: channels }, (_, i) => ({ at: i, step: channels }))
      : [{ at: 0, step: 1 }];
  for (const { at, step } of groups) {
    const each = (visit: (value: number, values: Float64Array, i: number) => void) => {
      for (const values of instances) {
        for (let i = at; i < values.length; i += step) {
          const value = values[i] as number;
          if (!Number.isNaN(value)) visit(value, values, i);
        }
      }
    };
    let [count, sum, squares] = [0, 0, 0];
    each((value) => {
      count++;
      sum += value;
    });
    const mean = sum / count;
    each((value) => {
      squares += (value - mean) ** 2;
    });
    const deviation = Math.sqrt(squares / count);
    // What rounding leaves of a flat lead is no signal.
    const isFlat = !(deviation > Math.abs(mean) * 1e-9);
    each((value, values, i) => {
      values[i] = isFlat ? 0 : (value - mean) / deviation;
    });
  }
}

/** @throws BrokenFile `bad-header` for values that the encoder's numbers cannot hold. */
function finite(instance: Float64Array): Float32Array {
  return Float32Array.from(instance, (value) => {
    if (Number.isNaN(value)) return 0;
    if (Number.isFinite(Math.fround(value))) return value;
    throw new BrokenFile('bad-header', 'recording: expected values below 3.4e38 in the unit of the study');
  });
}
