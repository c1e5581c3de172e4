import { BrokenFile } from '../../media/broken-file.ts';
import type { ImageLimits, RawImage } from '../raw-image.ts';
import { orient } from './orient.ts';
import { decodePlain } from './plain.ts';
import type { Raster } from './raster.ts';
import { decodeWithSharp, loadSharp } from './sharp.ts';

/**
 * Reads a PNG, JPEG or TIFF file, turned as its EXIF orientation says; nothing else of its metadata is read. Alpha is
 * dropped over black.
 * @param decoder `plain` decodes without native code, as happens where sharp does not run; TIFF then is not read.
 * @throws BrokenFile
 */
export async function readRaster(
  bytes: Uint8Array,
  format: 'png' | 'jpeg' | 'tiff',
  options: { readonly limits: ImageLimits; readonly decoder?: 'sharp' | 'plain' },
): Promise<RawImage> {
  const { limits, decoder = 'sharp' } = options;
  const sharp = decoder === 'sharp' ? loadSharp() : undefined;
  if (sharp === undefined && format === 'tiff') {
    throw new BrokenFile(
      'unsupported',
      'TIFF: expected the package sharp, which is not installed; install it, or convert the file to PNG',
    );
  }
  const raster =
    sharp === undefined
      ? decodePlain(bytes, format as 'png' | 'jpeg', limits)
      : await decodeWithSharp(sharp, bytes, { format, limits });
  return describe(overBlack(orient(raster)));
}

/** Weights each pixel by its alpha, rounded, and drops it. */
function overBlack(raster: Raster): Raster {
  const { channels, samples } = raster;
  if (channels === 1 || channels === 3) return raster;
  const most = samples instanceof Uint8Array ? 255 : 65535;
  const kept = (channels - 1) as 1 | 3;
  const pixels = samples.length / channels;
  const out = samples instanceof Uint8Array ? new Uint8Array(pixels * kept) : new Uint16Array(pixels * kept);
  for (let i = 0; i < pixels; i++) {
    const alpha = samples[i * channels + kept] as number;
    for (let channel = 0; channel < kept; channel++) {
      const value = samples[i * channels + channel] as number;
      out[i * kept + channel] = alpha === most ? value : Math.round((value * alpha) / most);
    }
  }
  return { ...raster, channels: kept, samples: out };
}

function describe(raster: Raster): RawImage {
  const { frames, height, width, samples } = raster;
  return {
    frames,
    height,
    width,
    channels: raster.channels === 1 ? 1 : 3,
    samples,
    slope: 1,
    intercept: 0,
    isInverted: false,
    window: undefined,
    range: { low: 0, high: samples instanceof Uint8Array ? 255 : 65535 },
    spacing: undefined,
    orientation: undefined,
  };
}
