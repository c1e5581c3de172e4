import type { Draws } from '../../shared/core/random.ts';
import type { ImageAugmentation } from '../../shared/study/modality-input.ts';

/** What lies beyond the edge of a moved image. */
const BLACK = -1;
const WHITE = 1;

/**
 * A variant of one image for training: turned about its middle by one draw, moved by whole pixels, mirrored every other
 * time, all of it made brighter or darker by one draw, noise added value by value. What is beyond the edge is black; after
 * brightness and noise no value is outside [-1, 1].
 * @param values [height, width, channels]; borrowed.
 * @returns a new array. The same stream gives the same variant.
 */
export function augmentImage(
  values: Float32Array,
  spec: ImageAugmentation,
  options: {
    readonly shape: { readonly height: number; readonly width: number; readonly channels: number };
    readonly random: Draws;
  },
): Float32Array {
  const { shape, random } = options;
  const mirrored = random.uniform() < 0.5;
  const move: Move = {
    flip: spec.flip && mirrored,
    degrees: symmetric(random) * spec.rotate,
    down: Math.round(symmetric(random) * spec.shift * shape.height),
    right: Math.round(symmetric(random) * spec.shift * shape.width),
  };
  const brightness = symmetric(random) * spec.brightness;
  const isStill = !move.flip && move.degrees === 0 && move.down === 0 && move.right === 0;
  const out = isStill ? values.slice() : moveImage(values, shape, move);
  if (brightness === 0 && spec.noise === 0) return out;
  for (let i = 0; i < out.length; i++) {
    const noise = spec.noise === 0 ? 0 : spec.noise * random.normal();
    out[i] = Math.min(WHITE, Math.max(BLACK, (out[i] as number) + brightness + noise));
  }
  return out;
}

export interface Move {
  /** Left to right, before everything else. */
  readonly flip: boolean;
  /** About the middle of the image, from right towards down. */
  readonly degrees: number;
  /** Whole pixels, after turning. */
  readonly down: number;
  readonly right: number;
}

/**
 * Every pixel is read where the move takes it from, bilinearly between its four neighbours (Szeliski 2022, Computer
 * Vision, section 3.6). @returns a new array [height, width, channels]; a move by nothing gives the same values.
 */
export function moveImage(
  values: Float32Array,
  shape: { readonly height: number; readonly width: number; readonly channels: number },
  { flip, degrees, down, right }: Move,
): Float32Array {
  const { height, width, channels } = shape;
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromMiddleY, fromMiddleX] = [y - down - middleY, x - right - middleX];
      const fromY = middleY + cosine * fromMiddleY - sine * fromMiddleX;
      const turnedX = middleX + cosine * fromMiddleX + sine * fromMiddleY;
      const from: Place = { y: fromY, x: flip ? width - 1 - turnedX : turnedX };
      addBetween(out, (y * width + x) * channels, { values, shape, from });
    }
  }
  return out;
}

interface Place {
  readonly y: number;
  readonly x: number;
}

/** Adds to the pixel of `out` at `at` what is at `from`, by shares of the four pixels around it; changes `out` in place. */
function addBetween(
  out: Float32Array,
  at: number,
  source: {
    readonly values: Float32Array;
    readonly shape: { readonly height: number; readonly width: number; readonly channels: number };
    readonly from: Place;
  },
): void {
  const { values, shape, from } = source;
  const { height, width, channels } = shape;
  const [top, left] = [Math.floor(from.y), Math.floor(from.x)];
  const [below, beside] = [from.y - top, from.x - left];
  for (let corner = 0; corner < 4; corner++) {
    const [row, column] = [top + (corner >> 1), left + (corner & 1)];
    const share = (row === top ? 1 - below : below) * (column === left ? 1 - beside : beside);
    if (share === 0) continue;
    const isInside = row >= 0 && row < height && column >= 0 && column < width;
    const pixel = (row * width + column) * channels;
    for (let c = 0; c < channels; c++) {
      out[at + c] = (out[at + c] as number) + share * (isInside ? (values[pixel + c] as number) : BLACK);
    }
  }
}

/** Uniform in [-1, 1). */
function symmetric(random: Draws): number {
  return 2 * random.uniform() - 1;
}
