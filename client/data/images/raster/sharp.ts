import { createRequire } from 'node:module';
import { BrokenFile } from '../../media/broken-file.ts';
import { countSamples } from '../image-size.ts';
import type { ImageLimits } from '../raw-image.ts';
import type { Raster } from './raster.ts';

/** What is used of sharp, which is optional: the compiler must not look for it. */
interface Sharp {
  metadata(): Promise<Metadata>;
  toColourspace(space: string): Sharp;
  raw(options: { depth: string }): Sharp;
  toBuffer(options: { resolveWithObject: true }): Promise<{
    data: Buffer;
    info: { width: number; height: number; channels: number };
  }>;
}

interface Metadata {
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  readonly pages?: number;
  readonly pageHeight?: number;
  readonly channels?: number;
  readonly depth?: string;
  readonly space?: string;
  readonly orientation?: number;
}

type MakeSharp = (bytes: Uint8Array, options: object) => Sharp;

const require = createRequire(import.meta.url);

let loaded: { readonly sharp: MakeSharp | undefined } | undefined;

/** Loads sharp once per thread; undefined where it is not installed or does not run. */
export function loadSharp(): MakeSharp | undefined {
  if (loaded === undefined) {
    try {
      loaded = { sharp: require('sharp') as MakeSharp };
    } catch {
      loaded = { sharp: undefined };
    }
  }
  return loaded.sharp;
}

/**
 * Decodes a PNG, JPEG or TIFF file; the pages of a TIFF file are frames. Color profiles are ignored and metadata is
 * dropped. Indexed, lab and four-color images become red, green and blue.
 * @throws BrokenFile
 */
export async function decodeWithSharp(
  sharp: MakeSharp,
  bytes: Uint8Array,
  options: { readonly format: 'png' | 'jpeg' | 'tiff'; readonly limits: ImageLimits },
): Promise<Raster> {
  const { format, limits } = options;
  const input = {
    limitInputPixels: limits.samples,
    failOn: 'error',
    ignoreIcc: true,
    ...(format === 'tiff' ? { pages: -1 } : {}),
  };
  const about = await attempt(() => sharp(bytes, input).metadata(), format);
  if (about.format !== format) {
    throw new BrokenFile('wrong-format', `expected ${format}, found another format`);
  }
  const pages = about.pages ?? 1;
  const whole = { width: about.width ?? 0, height: about.height ?? 0 };
  const height = pages > 1 ? (about.pageHeight ?? whole.height / pages) : whole.height;
  const channels = about.channels ?? 0;
  countSamples({ frames: pages, height, width: whole.width, channels }, limits, format);
  const kind = kindOf(about, format);
  const { data, info } = await attempt(
    () =>
      sharp(bytes, input)
        // Said before raw output, or 16 bits come back as 8.
        .toColourspace(kind.space)
        .raw({ depth: kind.depth })
        .toBuffer({ resolveWithObject: true }),
    format,
  );
  if (info.width !== whole.width || info.height !== height * pages || !isChannels(info.channels)) {
    throw new BrokenFile('bad-header', `${format}: decoded to another size than its header says`);
  }
  const samples = kind.samples(data);
  const isGrey = channels === 2 && info.channels === 4;
  return {
    frames: pages,
    height,
    width: whole.width,
    channels: isGrey ? 2 : info.channels,
    samples: isGrey ? samples.filter((_, i) => i % 4 === 0 || i % 4 === 3) : samples,
    orientation: about.orientation ?? 1,
  };
}

interface Kind {
  readonly space: string;
  readonly depth: 'uchar' | 'ushort';
  samples(data: Buffer): Raster['samples'];
}

/** @throws BrokenFile `unsupported` for depths that libvips would change on the way. */
function kindOf(about: Metadata, format: string): Kind {
  // Grey with alpha passes through color: sharp drops the alpha of grey in raw output.
  const isGrey = about.channels === 1;
  switch (about.depth) {
    case 'uchar':
      return { space: isGrey ? 'b-w' : 'srgb', depth: 'uchar', samples: (data) => new Uint8Array(data) };
    case 'ushort':
      return {
        space: isGrey ? 'grey16' : 'rgb16',
        depth: 'ushort',
        samples: (data) => new Uint16Array(new Uint8Array(data).buffer),
      };
    default:
      throw new BrokenFile(
        'unsupported',
        `${format}: expected 8 or 16 bits per sample without sign; convert the file to those`,
      );
  }
}

function isChannels(channels: number): channels is Raster['channels'] {
  return channels >= 1 && channels <= 4;
}

/** What libvips throws may name a file's metadata; it is dropped. */
async function attempt<T>(read: () => Promise<T>, format: string): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const text = String((error as Error).message);
    if (/exceeds pixel limit/.test(text)) {
      throw new BrokenFile('too-large', `${format}: expected fewer pixels than the limit`);
    }
    if (/premature|truncated|end of (stream|file)|read error|not enough data/i.test(text)) {
      throw new BrokenFile('truncated', `${format}: the file ends within its pixels`);
    }
    throw new BrokenFile('bad-header', `${format}: expected a file that can be decoded`);
  }
}
