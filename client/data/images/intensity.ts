import type { RawImage } from './raw-image.ts';

/** How measured values become black and white; see {@link intensityOf}. */
export type Intensity = 'window' | 'percentiles' | { readonly low: number; readonly high: number };

/** The measured values that become −1 and 1. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** The shares of a frame's samples that `percentiles` leaves below black and up to white. */
const PERCENTILES = [0.005, 0.995] as const;

/**
 * The bounds of one frame. `window`: the file's window, else the range of its type if that has 8 bits or the image is
 * in color, else as `percentiles`, which takes the 0.5th and the 99.5th percentile of the frame's finite samples,
 * interpolated between neighbors; a frame without finite samples has 0 and 0.
 * @param samples of the frame, as stored. Borrowed.
 */
export function intensityOf(image: RawImage, samples: RawImage['samples'], intensity: Intensity): Bounds {
  if (typeof intensity !== 'string') return intensity;
  if (intensity === 'window') {
    if (image.window !== undefined) return image.window;
    const isByte = samples instanceof Uint8Array || samples instanceof Int8Array;
    if (image.range !== undefined && (isByte || image.channels === 3)) return image.range;
  }
  const ends = percentiles(samples).map((value) => value * image.slope + image.intercept) as [number, number];
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

/**
 * Maps a frame's samples to [−1, 1]: `low` and below to −1, `high` and above to 1, the other way round where the file
 * shows its smallest samples white. Samples that are not finite count as black, −1. Where `low` is `high`, what is
 * above it is white.
 * @param samples as stored. Borrowed.
 */
export function mapIntensity(image: RawImage, samples: RawImage['samples'], bounds: Bounds): Float32Array {
  const { slope, intercept, isInverted } = image;
  const { low, high } = bounds;
  const scale = high > low ? 2 / (high - low) : Number.POSITIVE_INFINITY;
  const sign = isInverted ? -1 : 1;
  const out = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const above = (samples[i] as number) * slope + intercept - low;
    if (!Number.isFinite(above)) out[i] = -1;
    else if (above <= 0) out[i] = -sign;
    else out[i] = sign * Math.min(1, above * scale - 1);
  }
  return out;
}

/** Of the stored numbers. */
function percentiles(samples: RawImage['samples']): readonly [number, number] {
  if (samples.BYTES_PER_ELEMENT <= 2) return countedPercentiles(samples as Uint16Array | Int16Array);
  const sorted = Float64Array.from(samples).filter(Number.isFinite).sort();
  return at(sorted.length, (rank) => sorted[rank] as number);
}

/** By counting each of at most 65,536 numbers, which all are finite. */
function countedPercentiles(samples: Uint8Array | Int8Array | Uint16Array | Int16Array): [number, number] {
  const lowest = samples instanceof Int8Array || samples instanceof Int16Array ? -32768 : 0;
  const counts = new Uint32Array(65536);
  for (let i = 0; i < samples.length; i++) {
    const bin = (samples[i] as number) - lowest;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return at(samples.length, (rank) => {
    let bin = 0;
    for (let seen = counts[0] as number; seen <= rank; bin++) seen += counts[bin + 1] as number;
    return bin + lowest;
  });
}

function at(count: number, byRank: (rank: number) => number): [number, number] {
  if (count === 0) return [0, 0];
  return PERCENTILES.map((share) => {
    const place = share * (count - 1);
    const rank = Math.floor(place);
    const value = byRank(rank);
    return value + (place - rank) * (byRank(Math.min(rank + 1, count - 1)) - value);
  }) as [number, number];
}
