import { BrokenFile } from '../../media/broken-file.ts';
import type { RawImage } from '../raw-image.ts';
import type { Element, Encoded } from './element.ts';
import type { PixelModule } from './pixel-module.ts';
import { allocate, maskStored } from './stored-bits.ts';

type Samples = RawImage['samples'];

/**
 * The samples of a pixel element that is not encapsulated, [frames, rows, columns, samplesPerPixel], as stored.
 * @throws BrokenFile `truncated` if the element or the file holds fewer bytes than the header declares.
 */
export function readNative(data: Encoded, pixels: Element, module: PixelModule): Samples {
  const perFrame = module.rows * module.columns * module.samplesPerPixel;
  const count = module.frames * perFrame;
  const isHalved = module.photometric === 'YBR_FULL_422';
  if (isHalved && (module.bitsAllocated !== 8 || module.columns % 2 !== 0)) {
    throw new BrokenFile(
      'bad-header',
      `DICOM: expected 8 bits and an even number of columns of YBR_FULL_422, found ${module.bitsAllocated} and ${module.columns}`,
    );
  }
  const bits = count * module.bitsAllocated * (isHalved ? 2 / 3 : 1);
  const bytes = valueBytes(data, pixels, Math.ceil(bits / 8));
  if (!data.isLittle && pixels.vr === 'OW' && module.bitsAllocated <= 8) swap(bytes, 2);
  if (module.bitsAllocated === 1) return unpackBits(bytes, count);
  if (pixels.tag !== 0x7fe00010) return readFloats(bytes, module, data.isLittle);
  if (isHalved) return expand422(bytes, count);
  if (!data.isLittle) swap(bytes, module.bitsAllocated / 8);
  const samples = wordsOf(bytes, count, module);
  return module.isPlanar ? interleave(samples, module) : samples;
}

/** Little-endian words as numbers of the stored type, masked. Given; may share memory with `bytes`. */
export function wordsOf(bytes: Uint8Array, count: number, module: PixelModule): Samples {
  const samples = allocate(count, module);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  maskStored(samples, module);
  return samples;
}

/** One bit per sample, the first in the lowest bit of the first byte. */
export function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = ((bytes[i >> 3] as number) >> (i & 7)) & 1;
  return out;
}

/** A copy of the value, at least `length` bytes of it. */
function valueBytes(data: Encoded, pixels: Element, length: number): Uint8Array {
  const there = Math.max(0, Math.min(pixels.length ?? 0, data.bytes.length - pixels.value));
  if (there < length) {
    throw new BrokenFile('truncated', `DICOM: expected ${length} bytes of pixels, found ${there}`);
  }
  const padded = Math.min(there, length + (length % 2));
  return data.bytes.slice(pixels.value, pixels.value + padded);
}

function readFloats(bytes: Uint8Array, module: PixelModule, isLittle: boolean): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = module.frames * module.rows * module.columns;
  return Float32Array.from({ length }, (_, i) =>
    module.bitsAllocated === 64 ? view.getFloat64(8 * i, isLittle) : view.getFloat32(4 * i, isLittle),
  );
}

/** Two luminances and the chroma that they share, for each pair of pixels: Y Y Cb Cr. */
function expand422(bytes: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0, at = 0; at < count; i += 4, at += 6) {
    for (let pixel = 0; pixel < 2; pixel++) {
      out[at + 3 * pixel] = bytes[i + pixel] as number;
      out[at + 3 * pixel + 1] = bytes[i + 2] as number;
      out[at + 3 * pixel + 2] = bytes[i + 3] as number;
    }
  }
  return out;
}

function interleave(samples: Samples, module: PixelModule): Samples {
  const pixels = module.rows * module.columns;
  const out = allocate(samples.length, module);
  for (let frame = 0; frame < samples.length; frame += 3 * pixels) {
    for (let i = 0; i < pixels; i++) {
      for (let color = 0; color < 3; color++) {
        out[frame + 3 * i + color] = samples[frame + color * pixels + i] as number;
      }
    }
  }
  return out;
}

/** Turns every `size` bytes around, in place. */
function swap(bytes: Uint8Array, size: number): void {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - (bytes.length % size));
  if (size === 2) whole.swap16();
  if (size === 4) whole.swap32();
}
