import { type Intensity, intensityOf, mapIntensity } from './intensity.ts';
import type { RawImage } from './raw-image.ts';
import { resample, type Stretch } from './resample.ts';

/** What a network takes of an image. */
export interface ImageSpec {
  /** In pixels, at least 1. */
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Which measured values are black and white: the file's window, percentiles of the frame, or these. */
  readonly intensity: Intensity;
  /** Keep the proportions in mm and fill up with black, or cut off what is too long; or do not keep them. */
  readonly fit: 'pad' | 'crop' | 'stretch';
  /** The middle frame alone, or `instances` of them at even distances. */
  readonly frames: 'middle' | 'spread';
  /** At least 1; of an image with fewer frames, each is taken once. */
  readonly instances: number;
}

/** Black, and what is outside of an image. */
const BLACK = -1;

/**
 * The instances of one image: intensities mapped to [−1, 1] frame by frame, then color made grey (luma of Rec. 601:
 * .299, .587, .114) or grey repeated, then resampled. Samples that are not finite count as black.
 * @returns one [height, width, channels] for each instance, in the order of the frames. Given.
 */
export function prepareImage(image: RawImage, spec: ImageSpec): Float32Array[] {
  return pickFrames(image.frames, spec).map((frame) => prepareFrame(image, frame, spec));
}

/** The frames in the middle of `instances` stretches of equal length. */
function pickFrames(frames: number, spec: ImageSpec): number[] {
  const count = spec.frames === 'middle' ? 1 : Math.min(spec.instances, frames);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * frames) / count));
}

function prepareFrame(image: RawImage, frame: number, spec: ImageSpec): Float32Array {
  const perFrame = image.height * image.width * image.channels;
  const samples = image.samples.subarray(frame * perFrame, (frame + 1) * perFrame);
  const mapped = mapIntensity(image, samples, intensityOf(image, samples, spec.intensity));
  // The fewer channels, the less there is to resample.
  const channels = Math.min(image.channels, spec.channels);
  const flat = channels < image.channels ? toGrey(mapped) : mapped;
  const { rows, columns } = place(image, spec);
  const resampled = resample(flat, channels, { rows, columns });
  const fitted = pad(resampled, channels, { height: rows.to, width: columns.to, spec });
  return channels < spec.channels ? repeat(fitted) : fitted;
}

/** Which part of the image covers how many target pixels. */
function place(image: RawImage, spec: ImageSpec): { rows: Stretch; columns: Stretch } {
  const [rowMm, columnMm] = image.spacing ?? [1, 1];
  const tall = spec.height / (image.height * rowMm);
  const wide = spec.width / (image.width * columnMm);
  const whole = (length: number, to: number): Stretch => ({ length, start: 0, end: length, to });
  if (spec.fit === 'stretch') {
    return { rows: whole(image.height, spec.height), columns: whole(image.width, spec.width) };
  }
  if (spec.fit === 'pad') {
    const scale = Math.min(tall, wide);
    const size = (length: number, mm: number, most: number) =>
      Math.min(most, Math.max(1, Math.round(length * mm * scale)));
    return {
      rows: whole(image.height, size(image.height, rowMm, spec.height)),
      columns: whole(image.width, size(image.width, columnMm, spec.width)),
    };
  }
  const scale = Math.max(tall, wide);
  const middle = (length: number, mm: number, to: number): Stretch => {
    const kept = Math.min(length, to / (scale * mm));
    return { length, start: (length - kept) / 2, end: (length + kept) / 2, to };
  };
  return {
    rows: middle(image.height, rowMm, spec.height),
    columns: middle(image.width, columnMm, spec.width),
  };
}

/** Puts an image in the middle of a black one; of an odd rest, the larger part is below and to the right. */
function pad(
  image: Float32Array,
  channels: number,
  options: { readonly height: number; readonly width: number; readonly spec: ImageSpec },
): Float32Array {
  const { height, width, spec } = options;
  if (height === spec.height && width === spec.width) return image;
  const out = new Float32Array(spec.height * spec.width * channels).fill(BLACK);
  const top = Math.floor((spec.height - height) / 2);
  const left = Math.floor((spec.width - width) / 2);
  for (let row = 0; row < height; row++) {
    const line = image.subarray(row * width * channels, (row + 1) * width * channels);
    out.set(line, ((top + row) * spec.width + left) * channels);
  }
  return out;
}

function toGrey(color: Float32Array): Float32Array {
  const out = new Float32Array(color.length / 3);
  for (let i = 0; i < out.length; i++) {
    const [red, green, blue] = [color[3 * i], color[3 * i + 1], color[3 * i + 2]] as [number, number, number];
    out[i] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return out;
}

function repeat(grey: Float32Array): Float32Array {
  const out = new Float32Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) out.fill(grey[i] as number, 3 * i, 3 * i + 3);
  return out;
}
