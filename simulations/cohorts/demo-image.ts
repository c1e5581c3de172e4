import type { SeededRandom } from '../../shared/core/random.ts';

export const DEMO_IMAGE = { height: 24, width: 24, channels: 3 } as const;

/** What a hospital's camera does to every picture. */
export interface Camera {
  readonly gain: number;
  /** Added to red, green and blue. */
  readonly cast: readonly [number, number, number];
}

/**
 * A picture like one of the back of the eye: an orange disc, the bright head of the nerve, dark vessels from it, and
 * lesions whose number grows with `seen`. Values in [0, 1], [height, width, channels].
 */
export function drawImage(random: SeededRandom, seen: number, camera: Camera): Float32Array {
  const { height, width, channels } = DEMO_IMAGE;
  const pixels = new Float32Array(height * width * channels);
  const center = (height - 1) / 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const radius = Math.hypot(y - center, x - center) / center;
      const light = radius > 1.02 ? 0 : 1 - 0.35 * radius * radius;
      pixels.set([0.68 * light, 0.34 * light, 0.14 * light], (y * width + x) * channels);
    }
  }
  const side = random.uniform() < 0.5 ? 6 : 17;
  const disc = { y: 11 + 2 * random.uniform(), x: side };
  vessels(pixels, random, disc);
  spot(pixels, disc, { radius: 2.4, color: [0.3, 0.32, 0.2] });
  // Linear in `seen`, rounded at random so that the mean stays linear.
  const lesions = Math.floor(Math.min(18, Math.max(0, 5 + 2.8 * seen)) + random.uniform());
  for (let i = 0; i < lesions; i++) {
    const angle = 2 * Math.PI * random.uniform();
    const distance = 9.5 * Math.sqrt(random.uniform());
    const at = { y: center + distance * Math.sin(angle), x: center + distance * Math.cos(angle) };
    // Three in four are yellow deposits, the others dark red bleeding.
    const color: Color = i % 4 === 3 ? [-0.3, -0.2, -0.06] : [0.26, 0.44, 0.04];
    spot(pixels, at, { radius: 1.1, color });
  }
  for (let i = 0; i < pixels.length; i++) {
    const value =
      camera.gain * (pixels[i] as number) + (camera.cast[i % channels] as number) + 0.02 * random.normal();
    pixels[i] = Math.min(1, Math.max(0, value));
  }
  return pixels;
}

type Color = readonly [red: number, green: number, blue: number];
interface Point {
  readonly y: number;
  readonly x: number;
}

/** Four dark curves from the nerve head across the picture, changed in place. */
function vessels(pixels: Float32Array, random: SeededRandom, disc: Point): void {
  const across = disc.x < 12 ? 1 : -1;
  for (const direction of [-0.9, -0.35, 0.35, 0.9]) {
    let angle = direction + 0.1 * random.normal();
    let { y, x } = disc;
    for (let step = 0; step < 20; step++) {
      y += Math.sin(angle);
      x += across * Math.cos(angle);
      angle += 0.06 * random.normal() - 0.04 * Math.sign(direction);
      spot(pixels, { y, x }, { radius: 0.6, color: [-0.1, -0.08, -0.03] });
    }
  }
}

/** Adds a soft round spot, changed in place. */
function spot(pixels: Float32Array, at: Point, { radius, color }: { radius: number; color: Color }): void {
  const { height, width, channels } = DEMO_IMAGE;
  const reach = Math.ceil(2 * radius);
  for (
    let y = Math.max(0, Math.round(at.y) - reach);
    y <= Math.min(height - 1, Math.round(at.y) + reach);
    y++
  ) {
    for (
      let x = Math.max(0, Math.round(at.x) - reach);
      x <= Math.min(width - 1, Math.round(at.x) + reach);
      x++
    ) {
      const weight = Math.exp(-((y - at.y) ** 2 + (x - at.x) ** 2) / (2 * radius * radius));
      const offset = (y * width + x) * channels;
      for (let c = 0; c < channels; c++)
        pixels[offset + c] = (pixels[offset + c] as number) + weight * (color[c] as number);
    }
  }
}
