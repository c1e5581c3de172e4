import { BrokenFile } from '../../media/broken-file.ts';
import { inflate } from '../inflate.ts';
import type { RawImage } from '../raw-image.ts';
import { decodeFrame } from './codecs.ts';
import { type Codestream, hasEnd, readCodestream } from './codestream.ts';
import type { Element, Encoded } from './element.ts';
import { encapsulatedFrames } from './frames.ts';
import { decodeLosslessJpeg } from './lossless-jpeg.ts';
import { unpackBits, wordsOf } from './native.ts';
import type { PixelModule } from './pixel-module.ts';
import { decodeRle } from './rle.ts';
import { allocate, maskStored } from './stored-bits.ts';
import type { PixelEncoding } from './transfer-syntax.ts';

type Samples = RawImage['samples'];

/** Samples of all frames, [frames, rows, columns, samplesPerPixel]. */
export interface DecodedPixels {
  readonly samples: Samples;
  /** Luminance and chroma were turned into red, green and blue on the way. */
  readonly isRgb: boolean;
}

interface Frame {
  readonly samples: Samples;
  readonly isRgb: boolean;
}

/**
 * Decodes every frame of an encapsulated pixel element.
 * @throws BrokenFile `truncated`, `bad-header`, `unsupported`; a frame's own size must be the header's before it costs
 * anything to decode.
 */
export async function readCompressed(
  data: Encoded,
  pixels: Element,
  options: { readonly module: PixelModule; readonly encoding: PixelEncoding },
): Promise<DecodedPixels> {
  const { module, encoding } = options;
  const perFrame = module.rows * module.columns * module.samplesPerPixel;
  const frames = encapsulatedFrames(data, pixels, module.frames);
  let samples: Samples | undefined;
  let isRgb = false;
  for (const [i, bytes] of frames.entries()) {
    const frame = await readFrame(bytes, module, encoding);
    if (frames.length === 1) return frame;
    // Allocated after the first frame, so that a file of none costs nothing.
    samples ??= allocate(module.frames * perFrame, module);
    samples.set(frame.samples, i * perFrame);
    isRgb = frame.isRgb;
  }
  return { samples: samples ?? allocate(0, module), isRgb };
}

async function readFrame(bytes: Uint8Array, module: PixelModule, encoding: PixelEncoding): Promise<Frame> {
  if (encoding === 'rle') return { samples: readRle(bytes, module), isRgb: false };
  if (encoding === 'deflate') return { samples: readDeflated(bytes, module), isRgb: false };
  if (encoding === 'native') {
    throw new BrokenFile(
      'bad-header',
      'DICOM: expected plain pixels by the transfer syntax, found fragments',
    );
  }
  const stream = readCodestream(bytes);
  checkStream(stream, module);
  try {
    return await decodeStream(bytes, stream, module);
  } catch (error) {
    if (error instanceof BrokenFile && error.reason === 'bad-header' && !hasEnd(bytes)) {
      throw new BrokenFile('truncated', 'DICOM: a compressed frame ends before its end marker');
    }
    throw error;
  }
}

function readRle(bytes: Uint8Array, module: PixelModule): Samples {
  const { rows, columns, samplesPerPixel, bitsAllocated } = module;
  if (bitsAllocated === 1) throw new BrokenFile('unsupported', 'DICOM: RLE of single bits is not read');
  const size = { pixels: rows * columns, samplesPerPixel, bytesPerSample: bitsAllocated / 8 };
  return wordsOf(decodeRle(bytes, size), size.pixels * samplesPerPixel, module);
}

/** One raw deflate stream per frame; colors lie pixel by pixel, or as the planar configuration says. */
function readDeflated(bytes: Uint8Array, module: PixelModule): Samples {
  const count = module.rows * module.columns * module.samplesPerPixel;
  const length = Math.ceil((count * module.bitsAllocated) / 8);
  const inflated = inflate(bytes, { kind: 'raw', mostBytes: length + 1, what: 'DICOM frame' });
  if (inflated.length < length) {
    throw new BrokenFile('truncated', `DICOM frame: expected ${length} bytes, found ${inflated.length}`);
  }
  if (module.isPlanar) throw new BrokenFile('unsupported', 'DICOM: deflated color planes are not read');
  return module.bitsAllocated === 1 ? unpackBits(inflated, count) : wordsOf(inflated, count, module);
}

/** @throws BrokenFile `bad-header` unless stream and data set agree, `unsupported` for depths that no codec reads. */
function checkStream(stream: Codestream, module: PixelModule): void {
  const { rows, columns, samplesPerPixel, bitsAllocated } = module;
  if (stream.height !== rows || stream.width !== columns || stream.components !== samplesPerPixel) {
    throw new BrokenFile(
      'bad-header',
      `DICOM: expected frames of ${rows} × ${columns} × ${samplesPerPixel}, found ${stream.height} × ${stream.width} × ${stream.components}`,
    );
  }
  if (stream.bits > bitsAllocated || bitsAllocated < 8) {
    throw new BrokenFile('bad-header', `DICOM: ${stream.bits} bits of a frame in ${bitsAllocated} allocated`);
  }
  const most = stream.kind === 'jpeg' ? 8 : 16;
  if (stream.bits > most) {
    throw new BrokenFile(
      'unsupported',
      `DICOM: ${stream.kind} of ${stream.bits} bits is not read; convert the file to explicit little endian`,
    );
  }
}

async function decodeStream(bytes: Uint8Array, stream: Codestream, module: PixelModule): Promise<Frame> {
  const count = module.rows * module.columns * module.samplesPerPixel;
  if (stream.kind === 'jpeg-lossless') {
    const decoded = new Uint8Array(decodeLosslessJpeg(bytes).buffer);
    return { samples: samplesOf(decoded, count, module), isRgb: false };
  }
  const isPlainRgb = stream.kind === 'jpeg' && module.photometric === 'RGB' && !stream.namesColors;
  const frame = await decodeFrame(stream.kind, isPlainRgb ? namingRgb(bytes) : ended(bytes));
  if (frame.height !== module.rows || frame.width !== module.columns) {
    throw new BrokenFile('bad-header', 'DICOM: a frame decoded to another size than its header says');
  }
  const decoded = stream.isPlanar ? interleaved(frame.bytes, module) : frame.bytes;
  if (stream.kind !== 'jpeg-2000') {
    return { samples: samplesOf(decoded, count, module), isRgb: stream.kind === 'jpeg' };
  }
  // The stream's depth tells where the sign is: data sets are known to declare another.
  const bits = { bitsStored: stream.bits, shift: 0 };
  const isRgb = stream.turnsColors || /^YBR_(RCT|ICT)$/.test(module.photometric);
  return { samples: samplesOf(decoded, count, { ...module, ...bits }), isRgb };
}

/** Numbers of one or two bytes, as the codec gives them, in the data set's type. */
function samplesOf(bytes: Uint8Array, count: number, module: PixelModule): Samples {
  if (bytes.length !== count && bytes.length !== 2 * count) {
    throw new BrokenFile('bad-header', `DICOM: a frame of ${count} samples decoded to ${bytes.length} bytes`);
  }
  if (bytes.length === (count * module.bitsAllocated) / 8) return wordsOf(bytes, count, module);
  const samples = allocate(count, module);
  samples.set(bytes.length === count ? bytes : new Uint16Array(bytes.slice().buffer));
  maskStored(samples, module);
  return samples;
}

/** A stream that lacks its end marker gets one: the codec of JPEG-LS has been seen to look for it for 10 s. */
function ended(bytes: Uint8Array): Uint8Array {
  return hasEnd(bytes) ? bytes : Buffer.concat([bytes, Uint8Array.of(0xff, 0xd9)]);
}

/** A JPEG stream with a marker (Adobe, transform 0) that keeps the codec from taking its colors for luminance and chroma. */
function namingRgb(bytes: Uint8Array): Uint8Array {
  const adobe = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];
  return Buffer.concat([bytes.subarray(0, 2), Uint8Array.from(adobe), bytes.subarray(2)]);
}

function interleaved(bytes: Uint8Array, module: PixelModule): Uint8Array {
  const { samplesPerPixel } = module;
  const pixels = module.rows * module.columns;
  const width = bytes.length / (pixels * samplesPerPixel);
  if (samplesPerPixel === 1 || (width !== 1 && width !== 2)) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < pixels; i++) {
    for (let color = 0; color < samplesPerPixel; color++) {
      for (let byte = 0; byte < width; byte++) {
        out[(i * samplesPerPixel + color) * width + byte] = bytes[
          (color * pixels + i) * width + byte
        ] as number;
      }
    }
  }
  return out;
}
