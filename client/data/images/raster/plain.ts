import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import { BrokenFile } from '../../media/broken-file.ts';
import { countSamples } from '../image-size.ts';
import type { ImageLimits } from '../raw-image.ts';
import type { Raster } from './raster.ts';
import { type RasterHeader, readRasterHeader } from './raster-header.ts';

/** What is used of pngjs, which brings no declarations, and of jpeg-js. */
interface Pngjs {
  readonly PNG: {
    readonly sync: {
      read(bytes: Buffer, options: object): { width: number; height: number; data: Uint8Array | Uint16Array };
    };
  };
}

interface JpegJs {
  decode(bytes: Uint8Array, options: object): { width: number; height: number; data: Uint8Array };
}

const require = createRequire(import.meta.url);

/** Decodes PNG and JPEG without native code. @throws BrokenFile */
export function decodePlain(bytes: Uint8Array, format: 'png' | 'jpeg', limits: ImageLimits): Raster {
  const header = readRasterHeader(bytes, format);
  const { height, width, components } = header;
  countSamples({ frames: 1, height, width, channels: components }, limits, format);
  try {
    return format === 'png' ? decodePng(bytes, header) : decodeJpeg(bytes, header, limits);
  } catch (error) {
    if (error instanceof BrokenFile) throw error;
    throw new BrokenFile('bad-header', `${format}: expected a file that can be decoded`);
  }
}

function decodePng(bytes: Uint8Array, header: RasterHeader): Raster {
  const { height, width, bits, components, orientation } = header;
  // pngjs bounds what it inflates only where rows are not interlaced.
  if (header.isInterlaced) checkInterlaced(bytes, header);
  const { PNG } = require('pngjs') as Pngjs;
  const decoded = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    skipRescale: bits === 16,
  });
  // Always four channels, grey repeated.
  const isGrey = components <= 2;
  const samples = bits === 16 ? new Uint16Array(2 * width * height) : new Uint8Array(2 * width * height);
  if (!isGrey) {
    return { frames: 1, height, width, channels: 4, samples: decoded.data.slice(), orientation };
  }
  for (let i = 0; i < width * height; i++) {
    samples[2 * i] = decoded.data[4 * i] as number;
    samples[2 * i + 1] = decoded.data[4 * i + 3] as number;
  }
  return { frames: 1, height, width, channels: 2, samples, orientation };
}

/** Inflates the pixels of an interlaced file once within their bound: seven passes, each row with a filter byte. */
function checkInterlaced(bytes: Uint8Array, header: RasterHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === 0x49444154) {
      parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
    }
  }
  const { height, width, components, bits } = header;
  const mostBytes = (Math.ceil((width * components * bits) / 8) + 16) * (height + 8) * 2;
  inflateSync(Buffer.concat(parts), { maxOutputLength: mostBytes });
}

function decodeJpeg(bytes: Uint8Array, header: RasterHeader, limits: ImageLimits): Raster {
  const { height, width, components, bits, orientation } = header;
  if (bits !== 8 || ![1, 3, 4].includes(components)) {
    throw new BrokenFile(
      'unsupported',
      `JPEG: expected 1 or 3 components of 8 bits, found ${components} of ${bits}`,
    );
  }
  const jpeg = require('jpeg-js') as JpegJs;
  const decoded = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: limits.samples / 1e6,
    // Coefficients of 4 bytes and output of 1, of up to four components, with room for its own.
    maxMemoryUsageInMB: Math.ceil((limits.samples * 8) / 2 ** 20) + 64,
  });
  if (decoded.width !== width || decoded.height !== height) {
    throw new BrokenFile('bad-header', 'JPEG: decoded to another size than its header says');
  }
  if (components !== 1) return { frames: 1, height, width, channels: 3, samples: decoded.data, orientation };
  const grey = Uint8Array.from({ length: width * height }, (_, i) => decoded.data[3 * i] as number);
  return { frames: 1, height, width, channels: 1, samples: grey, orientation };
}
