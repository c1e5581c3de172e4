import { BrokenFile } from '../media/broken-file.ts';
import type { ImageLimits } from './raw-image.ts';

export interface ImageSize {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * frames × height × width × channels, checked before anything is allocated for them.
 * @throws BrokenFile `bad-header` unless all are whole and at least 1; `too-large` beyond `limits.samples`.
 */
export function countSamples(size: ImageSize, limits: ImageLimits, what: string): number {
  for (const [name, value] of Object.entries(size)) {
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      throw new BrokenFile('bad-header', `${what}: expected ${name} of at least 1, found ${value}`);
    }
  }
  const samples = size.frames * size.height * size.width * size.channels;
  if (!(samples <= limits.samples)) {
    throw new BrokenFile(
      'too-large',
      `${what}: expected at most ${limits.samples} samples, found ${size.frames} × ${size.height} × ${size.width} × ${size.channels}`,
    );
  }
  return samples;
}
