import { BrokenFile } from '../media/broken-file.ts';

/** Turns `down` samples into `up`. */
export interface Resampler {
  readonly up: number;
  readonly down: number;
  /** Low-pass at the lower of the two Nyquist frequencies, times `up`; odd length, symmetric. */
  readonly taps: Float64Array;
}

/** Bounds the filter, and the error of a rate that is no ratio of small numbers to 1 in 10⁸. */
const LARGEST_TERM = 20_000;
/** Zero crossings of the sinc on each side, and the shape of its Kaiser window. */
const CROSSINGS = 10;
const BETA = 5;

/**
 * The filter from one rate to another: a windowed sinc that also keeps out what the target rate cannot hold.
 * @throws BrokenFile `wrong-shape` for rates more than 20 000 times apart.
 */
export function resampler(fromHz: number, toHz: number): Resampler {
  const [up, down] = ratio(toHz / fromHz);
  if (!(up > 0 && up <= LARGEST_TERM && down <= LARGEST_TERM)) {
    throw new BrokenFile('wrong-shape', `recording: expected a rate near ${toHz} Hz, got ${fromHz} Hz`);
  }
  if (up === 1 && down === 1) return { up, down, taps: Float64Array.of(1) };
  const widest = Math.max(up, down);
  const half = CROSSINGS * widest;
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = (i - half) / widest;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * bessel0(BETA * Math.sqrt(1 - ((i - half) / half) ** 2));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return { up, down, taps: taps.map((tap) => (tap * up) / sum) };
}

/** How many samples `length` become: those up to the end of the last one's interval. */
export function resampledLength(length: number, { up, down }: Resampler): number {
  return Math.ceil((length * up) / down);
}

/**
 * Samples `from` .. `from + count` at the new rate; sample 0 is at the time of the old sample 0. Before its begin and
 * after its end, the recording is taken to hold its first and last value.
 * @param values finite, at least one; borrowed.
 */
export function resample(
  values: Float64Array,
  { up, down, taps }: Resampler,
  range: { readonly from: number; readonly count: number },
): Float64Array {
  const half = (taps.length - 1) / 2;
  const last = values.length - 1;
  const out = new Float64Array(range.count);
  for (let i = 0; i < range.count; i++) {
    const at = (range.from + i) * down;
    const end = Math.floor((at + half) / up);
    let sum = 0;
    for (let k = Math.ceil((at - half) / up); k <= end; k++) {
      const value = values[Math.max(0, Math.min(k, last))] as number;
      sum += value * (taps[half + at - k * up] as number);
    }
    out[i] = sum;
  }
  return out;
}

/** Numerator and denominator of the last continued fraction whose terms stay small. */
function ratio(value: number): [number, number] {
  let [before, now] = [
    [0, 1],
    [1, 0],
  ] as [[number, number], [number, number]];
  let rest = value;
  for (let term = 0; term < 40; term++) {
    const whole = Math.floor(rest);
    const next: [number, number] = [whole * now[0] + before[0], whole * now[1] + before[1]];
    if (term > 0 && Math.max(...next) > LARGEST_TERM) break;
    [before, now] = [now, next];
    if (Math.abs(now[0] / now[1] - value) <= value * 1e-12) break;
    rest = 1 / (rest - whole);
  }
  return now;
}

/** Modified Bessel function of the first kind, order 0: Σ ((x/2)^k / k!)². */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
