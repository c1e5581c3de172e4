/** A stretch of one axis, in pixels of the source, that is spread over `to` pixels. */
export interface Stretch {
  /** Of the source axis. */
  readonly length: number;
  /** Where the first target pixel begins; may lie between pixels. */
  readonly start: number;
  readonly end: number;
  readonly to: number;
}

/** For each target pixel the source pixels that it is made of, and their weights, which add up to 1. */
interface Taps {
  readonly first: Int32Array;
  /** [to, width]; `width` is the same for all, padded with weights of 0. */
  readonly weights: Float64Array;
  readonly width: number;
}

/**
 * Resamples an image along both axes, each on its own: by area averaging where it shrinks, which weighs every source
 * pixel by how much of it a target pixel covers, and by bilinear interpolation between pixel centers where it grows,
 * the border repeated.
 * @param image [rows.length, columns.length, channels]. Borrowed.
 * @returns [rows.to, columns.to, channels]. Given.
 */
export function resample(
  image: Float32Array,
  channels: number,
  axes: { readonly rows: Stretch; readonly columns: Stretch },
): Float32Array {
  const { rows, columns } = axes;
  const horizontal = taps(columns);
  const vertical = taps(rows);
  const narrow = new Float32Array(rows.length * columns.to * channels);
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < columns.to; column++) {
      const from = (row * columns.length + (horizontal.first[column] as number)) * channels;
      const at = (row * columns.to + column) * channels;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let k = 0; k < horizontal.width; k++) {
          const weight = horizontal.weights[column * horizontal.width + k] as number;
          if (weight !== 0) sum += weight * (image[from + k * channels + channel] as number);
        }
        narrow[at + channel] = sum;
      }
    }
  }
  const stride = columns.to * channels;
  const out = new Float32Array(rows.to * stride);
  const line = new Float64Array(stride);
  for (let row = 0; row < rows.to; row++) {
    line.fill(0);
    for (let k = 0; k < vertical.width; k++) {
      const weight = vertical.weights[row * vertical.width + k] as number;
      if (weight === 0) continue;
      const from = ((vertical.first[row] as number) + k) * stride;
      for (let i = 0; i < stride; i++) line[i] = (line[i] as number) + weight * (narrow[from + i] as number);
    }
    out.set(line, row * stride);
  }
  return out;
}

function taps(stretch: Stretch): Taps {
  const { length, start, end, to } = stretch;
  const step = (end - start) / to;
  return step > 1 ? areaTaps({ length, start, step, to }) : linearTaps({ length, start, step, to });
}

interface Steps {
  readonly length: number;
  readonly start: number;
  readonly step: number;
  readonly to: number;
}

function areaTaps({ length, start, step, to }: Steps): Taps {
  const width = Math.min(length, Math.ceil(step) + 1);
  const first = new Int32Array(to);
  const weights = new Float64Array(to * width);
  for (let i = 0; i < to; i++) {
    const from = Math.max(0, start + i * step);
    const end = Math.min(length, start + (i + 1) * step);
    const begin = Math.min(Math.floor(from), length - width);
    first[i] = begin;
    for (let k = 0; k < width; k++) {
      const covered = Math.min(end, begin + k + 1) - Math.max(from, begin + k);
      weights[i * width + k] = Math.max(0, covered) / (end - from);
    }
  }
  return { first, weights, width };
}

function linearTaps({ length, start, step, to }: Steps): Taps {
  const width = Math.min(2, length);
  const first = new Int32Array(to);
  const weights = new Float64Array(to * width);
  for (let i = 0; i < to; i++) {
    const center = Math.min(length - 1, Math.max(0, start + (i + 0.5) * step - 0.5));
    const begin = Math.min(Math.floor(center), length - width);
    first[i] = begin;
    if (width === 1) weights[i] = 1;
    else {
      weights[2 * i] = begin + 1 - center;
      weights[2 * i + 1] = center - begin;
    }
  }
  return { first, weights, width };
}
