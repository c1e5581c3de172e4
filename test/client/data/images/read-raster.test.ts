import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../client/data/images/decode-image.ts';
import { readRaster } from '../../../../client/data/images/raster/read-raster.ts';
import { loadSharp } from '../../../../client/data/images/raster/sharp.ts';
import { IMAGE_LIMITS } from '../../../../client/data/images/raw-image.ts';
import { pngFile, pngOf, tiffFile } from '../../../helpers/image-files.ts';

const hasSharp = loadSharp() !== undefined;
if (!hasSharp)
  process.stderr.write('skipped: sharp is not installed; TIFF and the native decoder are not tested\n');
const DECODERS = hasSharp ? (['sharp', 'plain'] as const) : (['plain'] as const);

const GREY16 = Uint16Array.of(0, 1, 30000, 65535, 256, 4660);

/** An EXIF block of a single entry, the orientation. */
function exif(orientation: number): Buffer {
  const block = Buffer.from([
    0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
  ]);
  block.writeUInt16BE(orientation, 18);
  return block;
}

/** 16 × 8 pixels in which each quarter has a grey of its own, so that JPEG keeps them apart. */
const QUARTERS = [20, 90, 160, 230];
function quarters(orientation: number): Uint8Array {
  const data = Buffer.alloc(16 * 8 * 4, 255);
  for (let i = 0; i < 128; i++) {
    const quarter = 2 * (i >= 64 ? 1 : 0) + (i % 16 >= 8 ? 1 : 0);
    data.fill(QUARTERS[quarter] as number, 4 * i, 4 * i + 3);
  }
  const file = jpeg.encode({ width: 16, height: 8, data }, 100).data;
  const block = Buffer.concat([Buffer.from('Exif\0\0'), exif(orientation)]);
  const header = Buffer.from([0xff, 0xe1, 0, block.length + 2]);
  return Buffer.concat([file.subarray(0, 2), header, block, file.subarray(2)]);
}

describe.each(DECODERS)('decoded by %s', (decoder) => {
  const read = (bytes: Uint8Array, format: 'png' | 'jpeg' | 'tiff' = 'png') =>
    readRaster(new Uint8Array(bytes), format, { limits: IMAGE_LIMITS, decoder });

  it('a PNG of 16 bits keeps every one of them', async () => {
    const image = await read(pngFile({ width: 3, height: 2, channels: 1, samples: GREY16 }));
    expect(image.samples).toEqual(GREY16);
    expect(image).toMatchObject({
      frames: 1,
      height: 2,
      width: 3,
      channels: 1,
      range: { low: 0, high: 65535 },
    });
  });

  it('a color PNG of 16 bits keeps every one of them', async () => {
    const image = await read(pngFile({ width: 2, height: 1, channels: 3, samples: GREY16 }));
    expect(image.samples).toEqual(GREY16);
    expect(image.channels).toBe(3);
  });

  it('a PNG of 8 bits is read as stored, grey or color', async () => {
    const samples = Uint8Array.of(0, 1, 127, 128, 254, 255);
    expect((await read(pngFile({ width: 3, height: 2, channels: 1, samples }))).samples).toEqual(samples);
    expect((await read(pngFile({ width: 1, height: 2, channels: 3, samples }))).samples).toEqual(samples);
  });

  it('an alpha channel is dropped over black', async () => {
    // 200 · 128/255 = 100.4; 90 · 0 = 0; 30 at full alpha.
    const grey = Uint8Array.of(200, 128, 90, 0, 30, 255);
    const image = await read(pngFile({ width: 3, height: 1, channels: 2, samples: grey }));
    expect(image).toMatchObject({ channels: 1, samples: Uint8Array.of(100, 0, 30) });
    const color = Uint8Array.of(200, 100, 50, 51);
    // A fifth of each.
    const tinted = await read(pngFile({ width: 1, height: 1, channels: 4, samples: color }));
    expect(tinted).toMatchObject({ channels: 3, samples: Uint8Array.of(40, 20, 10) });
    // 30000 · 32768/65535 = 15000.2
    const deep = Uint16Array.of(30000, 32768);
    expect((await read(pngFile({ width: 1, height: 1, channels: 2, samples: deep }))).samples).toEqual(
      Uint16Array.of(15000),
    );
  });

  // The quarters of an upright picture, row by row, as EXIF 2.3 defines each orientation.
  const turned: [number, number, number[]][] = [
    [1, 16, [20, 90, 160, 230]],
    [2, 16, [90, 20, 230, 160]],
    [3, 16, [230, 160, 90, 20]],
    [4, 16, [160, 230, 20, 90]],
    [5, 8, [20, 160, 90, 230]],
    [6, 8, [160, 20, 230, 90]],
    [7, 8, [230, 90, 160, 20]],
    [8, 8, [90, 230, 20, 160]],
  ];
  it.each(turned)('a JPEG of orientation %i is turned upright', async (orientation, width, expected) => {
    const image = await read(quarters(orientation), 'jpeg');
    expect(image).toMatchObject({ width, height: 128 / width, channels: 3 });
    const at = (row: number, column: number) => image.samples[3 * (row * width + column)] as number;
    const centers = [0.25, 0.75].flatMap((y) =>
      [0.25, 0.75].map((x) => at(Math.floor((y * 128) / width), Math.floor(x * width))),
    );
    // JPEG of quality 100 is off by a few.
    centers.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(3);
    });
  });

  it('a PNG is turned upright by its EXIF chunk', async () => {
    const samples = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const file = pngFile({ width: 3, height: 2, channels: 1, samples, chunks: [['eXIf', exif(3)]] });
    expect((await read(file)).samples).toEqual(Uint8Array.of(6, 5, 4, 3, 2, 1));
  });

  it('text in the metadata reaches neither image nor error', async () => {
    const chunks = [['tEXt', Buffer.from('Author\0Canary7391')]] as const;
    const samples = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const whole = pngFile({ width: 3, height: 2, channels: 1, samples, chunks });
    expect(JSON.stringify(await read(whole))).not.toContain('Canary');
    const error = await read(whole.subarray(0, whole.length - 30)).catch((thrown) => thrown);
    expect(error.name).toBe('BrokenFile');
    expect(`${error.stack}${error.cause}`).not.toContain('Canary');
  });

  it('an image of more samples than the limit is refused', async () => {
    const bytes = new Uint8Array(pngFile({ width: 3, height: 2, channels: 1, samples: GREY16 }));
    const limits = { ...IMAGE_LIMITS, samples: 5 };
    await expect(readRaster(bytes, 'png', { limits, decoder })).rejects.toMatchObject({
      reason: 'too-large',
    });
  });
});

describe('without native code', () => {
  const read = (bytes: Uint8Array, format: 'png' | 'tiff') =>
    readRaster(new Uint8Array(bytes), format, { limits: IMAGE_LIMITS, decoder: 'plain' });

  it('a TIFF file is not read, and the message says what to install', async () => {
    const file = tiffFile({ width: 1, height: 1, pages: [Uint8Array.of(1)] });
    await expect(read(file, 'tiff')).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringContaining('sharp'),
    });
  });

  it('an interlaced PNG that inflates beyond its pixels is refused', async () => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(4, 0);
    header.writeUInt32BE(4, 4);
    header.set([8, 0, 0, 0, 1], 8);
    const { deflateSync } = await import('node:zlib');
    const bomb = deflateSync(Buffer.alloc(1 << 26));
    const before = process.memoryUsage().rss;
    const file = pngOf([
      ['IHDR', header],
      ['IDAT', bomb],
      ['IEND', Buffer.alloc(0)],
    ]);
    await expect(read(file, 'png')).rejects.toMatchObject({ name: 'BrokenFile' });
    expect(process.memoryUsage().rss - before).toBeLessThan(1 << 25);
  });
});

describe.skipIf(!hasSharp)('TIFF', () => {
  const read = async (bytes: Uint8Array) => (await decodeImage(bytes, { format: 'tiff' })).image;

  it('of 16 bits keeps every one of them', async () => {
    const image = await read(tiffFile({ width: 3, height: 2, pages: [GREY16] }));
    expect(image.samples).toEqual(GREY16);
  });

  it('of several pages has a frame for each', async () => {
    const pages = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8), Uint8Array.of(9, 10, 11, 12)];
    const image = await read(tiffFile({ width: 2, height: 2, pages }));
    expect(image).toMatchObject({ frames: 3, height: 2, width: 2, channels: 1 });
    expect([...image.samples]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('is turned upright by its orientation, page by page', async () => {
    const pages = [Uint8Array.of(1, 2, 3, 4, 5, 6), Uint8Array.of(11, 12, 13, 14, 15, 16)];
    const image = await read(tiffFile({ width: 3, height: 2, pages, orientation: 6 }));
    expect(image).toMatchObject({ frames: 2, height: 3, width: 2 });
    // A quarter turn clockwise: the first column, from below, becomes the first row.
    expect([...image.samples]).toEqual([4, 1, 5, 2, 6, 3, 14, 11, 15, 12, 16, 13]);
  });

  it('is refused beyond the limit, all pages together', async () => {
    const pages = Array.from({ length: 10 }, () => new Uint8Array(100));
    const file = tiffFile({ width: 10, height: 10, pages });
    await expect(
      decodeImage(file, { format: 'tiff', limits: { bytes: 1 << 20, samples: 999 } }),
    ).rejects.toMatchObject({ reason: 'too-large' });
  });
});
