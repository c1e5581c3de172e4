import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage } from '../../../../client/data/images/decode-image.ts';
import type { RawImage } from '../../../../client/data/images/raw-image.ts';
import {
  type DicomElement,
  type DicomStyle,
  dicomFile,
  dicomSet,
  fragments,
  greyElements,
} from '../../../helpers/image-files.ts';
import encodings from '../../../vectors/images/encodings.json' with { type: 'json' };

const PIXELS = [0, 1, 2, 300, 4000, 65535];
const ROOT = '1.2.840.10008.1.2';

async function read(
  elements: readonly DicomElement[],
  options: DicomStyle & { syntax?: string } = {},
): Promise<RawImage> {
  return (await decodeImage(dicomFile(elements, options), { format: 'dicom' })).image;
}

async function reasonOf(bytes: Uint8Array, options: Partial<DecodeOptions> = {}): Promise<string> {
  return decodeImage(bytes, { format: 'dicom', ...options }).then(
    () => 'read',
    (error) => (error.name === 'BrokenFile' ? error.reason : String(error)),
  );
}

const us = (tag: number, ...value: number[]): DicomElement => ({ tag, vr: 'US', value });
const ds = (tag: number, value: string): DicomElement => ({ tag, vr: 'DS', value });
const cs = (tag: number, value: string): DicomElement => ({ tag, vr: 'CS', value });
const bits = (allocated: number, stored: number, options: { high?: number; sign?: number } = {}) => [
  us(0x00280100, allocated),
  us(0x00280101, stored),
  us(0x00280102, options.high ?? stored - 1),
  us(0x00280103, options.sign ?? 0),
];
const color = (photometric: string, pixels: Uint8Array, planar = 0): DicomElement[] =>
  greyElements(pixels, [
    us(0x00280002, 3),
    cs(0x00280004, photometric),
    us(0x00280006, planar),
    us(0x00280010, 1),
    us(0x00280011, 2),
    ...bits(8, 8),
    { tag: 0x7fe00010, vr: 'OB', value: pixels },
  ]);

describe('a DICOM data set', () => {
  const styles: [string, DicomStyle, string][] = [
    ['explicit little endian', {}, `${ROOT}.1`],
    ['implicit little endian', { isExplicit: false }, ROOT],
    ['explicit big endian', { isBigEndian: true }, `${ROOT}.2`],
    ['implicit though declared explicit', { isExplicit: false }, `${ROOT}.1`],
  ];
  for (const [name, style, syntax] of styles) {
    it(`reads ${name}`, async () => {
      const image = await read(greyElements(PIXELS), { ...style, syntax });
      expect(image).toMatchObject({ frames: 1, height: 2, width: 3, channels: 1 });
      expect(image.samples).toEqual(Uint16Array.from(PIXELS));
      expect(image.range).toEqual({ low: 0, high: 65535 });
    });
  }

  it('reads without preamble and meta header, in either byte order', async () => {
    for (const style of [{}, { isExplicit: false }, { isBigEndian: true }]) {
      const bytes = dicomSet(greyElements(PIXELS), style);
      const { image } = await decodeImage(bytes, { format: 'auto' });
      expect(image.samples).toEqual(Uint16Array.from(PIXELS));
    }
  });

  it('is refused as another format when it is text', async () => {
    expect(await reasonOf(Buffer.from('patient,age\n1,2\n'))).toBe('wrong-format');
  });

  it('inflates a deflated one', async () => {
    const meta = dicomFile([], { syntax: `${ROOT}.1.99` });
    const file = Buffer.concat([meta, deflateRawSync(dicomSet(greyElements(PIXELS)))]);
    const { image } = await decodeImage(file, { format: 'dicom' });
    expect(image.samples).toEqual(Uint16Array.from(PIXELS));
  });

  it('names a transfer syntax of the standard that is not read, and no other', async () => {
    const mpeg = dicomFile(greyElements(PIXELS), { syntax: `${ROOT}.4.100` });
    await expect(decodeImage(mpeg, { format: 'dicom' })).rejects.toThrow(`${ROOT}.4.100 is not read`);
    const odd = dicomFile(greyElements(PIXELS), { syntax: 'Doe^Canary' });
    await expect(decodeImage(odd, { format: 'dicom' })).rejects.toThrow(
      'transfer syntax another is not read',
    );
  });

  it('is empty without pixels', async () => {
    const withoutPixels = greyElements(PIXELS).filter(({ tag }) => tag !== 0x7fe00010);
    expect(await reasonOf(dicomFile(withoutPixels))).toBe('empty');
  });
});

describe('stored bits', () => {
  it('extends the sign of 12 stored bits', async () => {
    // Two's complement of 12 bits: 0xfff = −1, 0x800 = −2048, 0x7ff = 2047.
    const image = await read(greyElements([0, 1, 0x7ff, 0x800, 0xfff, 0xffe], bits(16, 12, { sign: 1 })));
    expect(image.samples).toEqual(Int16Array.of(0, 1, 2047, -2048, -1, -2));
    expect(image.range).toEqual({ low: -2048, high: 2047 });
  });

  it('drops an overlay in the high bits', async () => {
    const image = await read(greyElements([0xf001, 0x1002, 0x8003, 0x4004, 5, 0xffff], bits(16, 12)));
    expect(image.samples).toEqual(Uint16Array.of(1, 2, 3, 4, 5, 0xfff));
  });

  it('shifts down where the high bit is not the last stored one', async () => {
    // 12 bits in bits 4 to 15: 0x0010 is 1, and the lowest four are not stored.
    const image = await read(greyElements([0x10, 0x2f, 0xfff0, 0, 0, 0], bits(16, 12, { high: 15 })));
    expect(image.samples.slice(0, 3)).toEqual(Uint16Array.of(1, 2, 0xfff));
  });

  it('unpacks single bits, the lowest first, across frames', async () => {
    // 2 frames of 2 × 3: 12 bits, 0b101101 then 0b010010, first sample in bit 0.
    const image = await read(
      greyElements(Uint8Array.of(0b10101101, 0b0100), [
        ...bits(1, 1),
        { tag: 0x00280008, vr: 'IS', value: '2' },
        { tag: 0x7fe00010, vr: 'OB', value: Uint8Array.of(0b10101101, 0b0100) },
      ]),
    );
    expect([...image.samples]).toEqual([1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0]);
    expect(image.range).toEqual({ low: 0, high: 1 });
  });

  it('reads 32 bits with sign, and floating point', async () => {
    const whole = Int32Array.of(-1, 2 ** 30, 0, 1, 2, -(2 ** 31));
    const words = new Uint8Array(whole.buffer);
    const image = await read(greyElements(words, bits(32, 32, { sign: 1 })));
    expect(image.samples).toEqual(whole);
    const floats = Float32Array.of(0.5, -1e9, 0, 1, 2, 3);
    const elements = greyElements(
      [],
      [...bits(32, 32), { tag: 0x7fe00008, vr: 'OF', value: new Uint8Array(floats.buffer) }],
    ).filter(({ tag }) => tag !== 0x7fe00010);
    const measured = await read(elements);
    expect(measured.samples).toEqual(floats);
    expect(measured.range).toBeUndefined();
  });
});

describe('what stored numbers mean', () => {
  it('carries slope, intercept and the first window by its default function', async () => {
    const image = await read(
      greyElements(PIXELS, [
        ds(0x00281052, '-1024'),
        ds(0x00281053, '2'),
        ds(0x00281050, '40\\300'),
        ds(0x00281051, '400\\1500'),
      ]),
    );
    expect(image).toMatchObject({ slope: 2, intercept: -1024, isInverted: false });
    // c − 0.5 − (w − 1)/2 = 40 − 0.5 − 199.5; c − 0.5 + (w − 1)/2 = 40 − 0.5 + 199.5.
    expect(image.window).toEqual({ low: -160, high: 239 });
    // 0 and 65535, times 2, less 1024.
    expect(image.range).toEqual({ low: -1024, high: 130046 });
  });

  it('takes the exact window function by its own edges', async () => {
    const image = await read(
      greyElements(PIXELS, [ds(0x00281050, '40'), ds(0x00281051, '400'), cs(0x00281056, 'LINEAR_EXACT')]),
    );
    expect(image.window).toEqual({ low: -160, high: 240 });
  });

  it('is inverted for MONOCHROME1', async () => {
    expect((await read(greyElements(PIXELS, [cs(0x00280004, 'MONOCHROME1')]))).isInverted).toBe(true);
  });

  it('takes spacing of the patient before that of the detector, and the plane from the direction cosines', async () => {
    const detector = ds(0x00181164, '0.2\\0.3');
    const spacing = async (more: DicomElement[]) => (await read(greyElements(PIXELS, more))).spacing;
    expect(await spacing([detector])).toEqual([0.2, 0.3]);
    expect(await spacing([detector, ds(0x00280030, '0.5\\0.7')])).toEqual([0.5, 0.7]);
    expect(await spacing([ds(0x00280030, '0\\0.7')])).toBeUndefined();
    const plane = async (cosines: string) =>
      (await read(greyElements(PIXELS, [ds(0x00200037, cosines)]))).orientation;
    expect(await plane('1\\0\\0\\0\\1\\0')).toBe('axial');
    expect(await plane('1\\0\\0\\0\\0\\-1')).toBe('coronal');
    expect(await plane('0\\1\\0\\0\\0\\-1')).toBe('sagittal');
    expect(await plane('1\\0\\0\\0\\0.7071\\0.7071')).toBe('oblique');
    expect(await plane('0\\0\\0\\0\\0\\0')).toBeUndefined();
  });

  for (const isUndefined of [true, false]) {
    it(`looks into the functional groups, ${isUndefined ? 'delimited' : 'of known length'}`, async () => {
      const sq = (tag: number, ...value: DicomElement[][]): DicomElement => ({
        tag,
        vr: 'SQ',
        value,
        isUndefined,
      });
      const scale = (slope: string) => [sq(0x00289145, [ds(0x00281052, '-5'), ds(0x00281053, slope)])];
      const image = await read(
        greyElements(PIXELS, [
          sq(0x52009229, [
            sq(0x00289110, [ds(0x00280030, '0.5\\0.6')]),
            sq(0x00209116, [ds(0x00200037, '1\\0\\0\\0\\0\\-1')]),
            sq(0x00289132, [ds(0x00281050, '10'), ds(0x00281051, '21')]),
          ]),
          sq(0x52009230, scale('3'), scale('7')),
        ]),
      );
      expect(image).toMatchObject({ slope: 3, intercept: -5, spacing: [0.5, 0.6], orientation: 'coronal' });
      // 10 − 0.5 ∓ 20/2
      expect(image.window).toEqual({ low: -0.5, high: 19.5 });
    });
  }

  it('gives the number of the instance, for the order of slices', async () => {
    const file = dicomFile(greyElements(PIXELS, [{ tag: 0x00200013, vr: 'IS', value: '17' }]));
    expect((await decodeImage(file, { format: 'dicom' })).instance).toBe(17);
  });

  it('refuses a slope of 0 and a slope that is no number', async () => {
    for (const slope of ['0', 'Canary', '1e999']) {
      const file = dicomFile(greyElements(PIXELS, [ds(0x00281053, slope)]));
      expect(await reasonOf(file)).toBe('bad-header');
    }
  });
});

describe('color', () => {
  it('is the same pixel by pixel and plane by plane', async () => {
    const byPixel = await read(color('RGB', Uint8Array.of(1, 2, 3, 4, 5, 6)));
    const byPlane = await read(color('RGB', Uint8Array.of(1, 4, 2, 5, 3, 6), 1));
    expect(byPixel.samples).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(byPlane.samples).toEqual(byPixel.samples);
    expect(byPixel.channels).toBe(3);
  });

  it('turns luminance and chroma into red, green and blue', async () => {
    // Y 100, Cb 128, Cr 178: R = 100 + 1.402·50 = 170.1, G = 100 − 0.714136·50 = 64.3, B = 100.
    const full = await read(color('YBR_FULL', Uint8Array.of(100, 128, 178, 50, 128, 128)));
    expect(full.samples).toEqual(Uint8Array.of(170, 64, 100, 50, 50, 50));
    // Two luminances, 100 and 50, share the chroma 128 and 178; 50 − 35.7 = 14.3, 50 + 70.1 = 120.1.
    const halved = await read(color('YBR_FULL_422', Uint8Array.of(100, 50, 128, 178)));
    expect(halved.samples).toEqual(Uint8Array.of(170, 64, 100, 120, 14, 50));
  });

  const palette = (more: DicomElement[]) =>
    greyElements(
      [],
      [
        cs(0x00280004, 'PALETTE COLOR'),
        ...bits(8, 8),
        { tag: 0x7fe00010, vr: 'OB', value: Uint8Array.of(9, 10, 11, 12, 13, 200) },
        ...more,
      ],
    );

  it('is looked up in a palette, whose ends stand for what is outside', async () => {
    const tables = [0x00281201, 0x00281202, 0x00281203].map((tag, i): DicomElement => {
      return { tag, vr: 'OW', value: [100 * 256 + i, 101 * 256 + i, 102 * 256 + i] };
    });
    const descriptors = [0x00281101, 0x00281102, 0x00281103].map((tag) => us(tag, 3, 10, 16));
    const image = await read(palette([...descriptors, ...tables]));
    const entry = (n: number) => [n * 256, n * 256 + 1, n * 256 + 2];
    expect([...image.samples]).toEqual([100, 100, 101, 102, 102, 102].flatMap(entry));
    expect(image).toMatchObject({ channels: 3, window: undefined, range: { low: 0, high: 65535 } });
  });

  it('reads a palette of 8 bits in bytes', async () => {
    const tables = [0x00281201, 0x00281202, 0x00281203].map((tag, i): DicomElement => {
      return { tag, vr: 'OW', value: Uint8Array.of(i, 10 + i, 20 + i, 30 + i) };
    });
    const descriptors = [0x00281101, 0x00281102, 0x00281103].map((tag) => us(tag, 4, 9, 8));
    const image = await read(palette([...descriptors, ...tables]));
    expect(image.samples.slice(0, 6)).toEqual(Uint8Array.of(0, 1, 2, 10, 11, 12));
  });

  it('is refused without its palette', async () => {
    expect(await reasonOf(dicomFile(palette([])))).toBe('bad-header');
  });
});

describe('encapsulated pixels', () => {
  const encapsulated = (items: readonly Uint8Array[], frames = 1): DicomElement[] =>
    greyElements(
      [],
      [
        { tag: 0x00280008, vr: 'IS', value: String(frames) },
        { tag: 0x7fe00010, vr: 'OB', value: fragments(items), isUndefined: true },
      ],
    );
  const rle = `${ROOT}.5`;
  /** Two segments of 6 literal bytes each, high bytes first. */
  const rleFrame = (values: readonly number[]) => {
    const frame = Buffer.alloc(64 + 2 * (1 + values.length));
    frame.writeUInt32LE(2, 0);
    frame.writeUInt32LE(64, 4);
    frame.writeUInt32LE(65 + values.length, 8);
    for (const [segment, shift] of [8, 0].entries()) {
      const at = 64 + segment * (1 + values.length);
      frame[at] = values.length - 1;
      values.forEach((value, i) => {
        frame[at + 1 + i] = (value >> shift) & 0xff;
      });
    }
    return frame;
  };

  it('decodes runs and literals, and passes the byte that does nothing', async () => {
    // Segment 1: −1 → run of 2; 128 → nothing; run of 4. Segment 2: literal of 6.
    const frame = Buffer.alloc(64 + 12);
    frame.writeUInt32LE(2, 0);
    frame.writeUInt32LE(64, 4);
    frame.writeUInt32LE(69, 8);
    frame.set([255, 7, 128, 253, 9, 5, 1, 2, 3, 4, 5, 6], 64);
    const image = await read(encapsulated([new Uint8Array(0), frame]), { syntax: rle });
    expect(image.samples).toEqual(Uint16Array.of(0x701, 0x702, 0x903, 0x904, 0x905, 0x906));
  });

  it('decodes RLE of 32 bits', async () => {
    const frame = Buffer.alloc(64 + 4 * 2);
    frame.writeUInt32LE(4, 0);
    for (let i = 0; i < 4; i++) {
      frame.writeUInt32LE(64 + 2 * i, 4 + 4 * i);
      // A run of 6 of the byte i + 1.
      frame.set([256 - 5, i + 1], 64 + 2 * i);
    }
    const elements = [...encapsulated([new Uint8Array(0), frame]), ...bits(32, 32)];
    const image = await read(
      elements
        .filter(({ tag }, i) => elements.findLastIndex((other) => other.tag === tag) === i)
        .sort((a, b) => a.tag - b.tag),
      { syntax: rle },
    );
    expect(image.samples).toEqual(new Uint32Array(6).fill(0x01020304));
  });

  it('keeps frames apart by fragments, and joins the fragments of one', async () => {
    const [first, second] = [rleFrame(PIXELS), rleFrame([6, 5, 4, 3, 2, 1])];
    const two = await read(encapsulated([new Uint8Array(0), first, second], 2), { syntax: rle });
    expect([...two.samples]).toEqual([...PIXELS, 6, 5, 4, 3, 2, 1]);
    const parts = [first.subarray(0, 70), first.subarray(70)];
    const one = await read(encapsulated([new Uint8Array(0), ...parts]), { syntax: rle });
    expect([...one.samples]).toEqual(PIXELS);
  });

  it('keeps frames of several fragments apart by the offset table', async () => {
    const frames = [rleFrame(PIXELS), rleFrame([6, 5, 4, 3, 2, 1])] as const;
    const parts = frames.flatMap((frame) => [frame.subarray(0, 70), frame.subarray(70)]);
    const table = Buffer.alloc(8);
    table.writeUInt32LE(frames[0].length + 16, 4);
    const image = await read(encapsulated([table, ...parts], 2), { syntax: rle });
    expect([...image.samples]).toEqual([...PIXELS, 6, 5, 4, 3, 2, 1]);
    table.writeUInt32LE(9, 4);
    const wrong = dicomFile(encapsulated([table, ...parts], 2), { syntax: rle });
    expect(await reasonOf(wrong)).toBe('bad-header');
  });

  it('is truncated with fewer fragments than frames, and with a segment that ends early', async () => {
    const missing = dicomFile(encapsulated([new Uint8Array(0), rleFrame(PIXELS)], 2), { syntax: rle });
    expect(await reasonOf(missing)).toBe('truncated');
    const short = dicomFile(encapsulated([new Uint8Array(0), rleFrame([1, 2, 3])]), { syntax: rle });
    expect(await reasonOf(short)).toBe('truncated');
  });

  it('inflates each frame of its own', async () => {
    const frames = [PIXELS, [6, 5, 4, 3, 2, 1]].map((values) =>
      deflateRawSync(new Uint8Array(Uint16Array.from(values).buffer)),
    );
    const image = await read(encapsulated([new Uint8Array(0), ...frames], 2), { syntax: `${ROOT}.8.1` });
    expect([...image.samples]).toEqual([...PIXELS, 6, 5, 4, 3, 2, 1]);
  });
});

describe('compressed frames made by other software', () => {
  const at = (source: string, y: number, x: number): number[] => {
    if (source === 'A') return [16 * x, 20 * y, (7 * x * y) % 256];
    if (source === 'B') return [41 * (16 * y + x) - 4000];
    return [(37 * x + 101 * y) % 4096];
  };
  const expected = (source: string) =>
    Array.from({ length: 12 * 16 }, (_, i) => at(source, Math.floor(i / 16), i % 16)).flat();
  const file = (base64: string) => Buffer.from(base64, 'base64');

  for (const { name, source, tool, base64 } of encodings.lossless) {
    it(`decodes ${name} (${tool}) exactly`, async () => {
      const { image } = await decodeImage(file(base64), { format: 'dicom' });
      expect([image.height, image.width, image.channels]).toEqual([12, 16, source === 'A' ? 3 : 1]);
      expect([...image.samples]).toEqual(expected(source));
    });
  }

  for (const { name, base64, pixels } of encodings.lossy) {
    it(`decodes ${name} as dcmtk does`, async () => {
      const { image } = await decodeImage(file(base64), { format: 'dicom' });
      // Within 1, for another rounding in another build of libjpeg.
      const difference = Buffer.from(pixels, 'base64').map((value, i) =>
        Math.abs(value - (image.samples[i] as number)),
      );
      expect(Math.max(...difference)).toBeLessThanOrEqual(1);
      expect(image.samples.length).toBe(difference.length);
    });
  }

  it('takes JPEG colors for what the data set says where the stream does not say', async () => {
    const { base64, pixels } = encodings.lossy.find(({ name }) => name.endsWith('in RGB')) as {
      base64: string;
      pixels: string;
    };
    const silent = file(base64);
    // The Adobe marker becomes a comment; components R, G and B become 1, 2 and 3.
    silent.writeUInt16BE(0xfffe, silent.indexOf(Buffer.of(0xff, 0xee)));
    const frame = silent.indexOf(Buffer.of(0xff, 0xc0, 0, 17)) + 10;
    const scan = silent.indexOf(Buffer.of(0xff, 0xda, 0, 12)) + 5;
    for (const [i, id] of [1, 2, 3].entries()) {
      silent[frame + 3 * i] = id;
      silent[scan + 2 * i] = id;
    }
    const { image } = await decodeImage(silent, { format: 'dicom' });
    const expected = Buffer.from(pixels, 'base64');
    image.samples.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(1);
    });
  });

  it('says that JPEG of 12 bits is not read', async () => {
    expect(await reasonOf(file(encodings.twelveBits.base64))).toBe('unsupported');
  });

  it('decodes several at once as one after another', async () => {
    const files = encodings.lossless.filter(({ name }) => /JPEG (2000|-LS)/.test(name));
    const images = await Promise.all(
      files.map(({ base64 }) => decodeImage(file(base64), { format: 'dicom' })),
    );
    images.forEach(({ image }, i) => {
      expect([...image.samples]).toEqual(expected(files[i]?.source as string));
    });
  });

  it('decodes a stream that lacks its end marker', async () => {
    for (const name of ['A JPEG-LS by dcmtk', 'A JPEG-LS by charls of gdcm', 'A JPEG 2000']) {
      const { base64 } = encodings.lossless.find((other) => other.name === name) as { base64: string };
      const whole = file(base64);
      const start = Math.max(whole.indexOf(Buffer.of(0xff, 0xd8)), whole.indexOf(Buffer.of(0xff, 0x4f)));
      const end = whole.lastIndexOf(Buffer.of(0xff, 0xd9));
      const delimiter = whole.subarray(start + whole.readUInt32LE(start - 4));
      whole.writeUInt32LE(end - start, start - 4);
      const unended = Buffer.concat([whole.subarray(0, end), delimiter]);
      const { image } = await decodeImage(unended, { format: 'dicom' });
      expect([...image.samples]).toEqual(expected('A'));
    }
  });

  it('reads again after a frame that broke the codec', async () => {
    const { base64 } = encodings.lossless.find(({ name }) => name === 'B JPEG 2000') as { base64: string };
    const broken = file(base64);
    broken.fill(0xff, broken.indexOf(Buffer.of(0xff, 0x93)) + 2, broken.length - 10);
    await decodeImage(broken, { format: 'dicom' }).catch((error) => expect(error.name).toBe('BrokenFile'));
    const { image } = await decodeImage(file(base64), { format: 'dicom' });
    expect([...image.samples]).toEqual(expected('B'));
  });
});

describe('text in the pixels', () => {
  const kind = (uid: string) => ({ tag: 0x00080016, vr: 'UI', value: uid });
  const cases: [string, DicomElement][] = [
    ['ultrasound', kind('1.2.840.10008.5.1.4.1.1.6.1')],
    ['a secondary capture', kind('1.2.840.10008.5.1.4.1.1.7')],
    ['a secondary capture of many frames', kind('1.2.840.10008.5.1.4.1.1.7.2')],
    ['the modality US', cs(0x00080060, 'US')],
    ['a declaration', cs(0x00280301, 'YES')],
  ];
  for (const [name, element] of cases) {
    it(`is suspected of ${name}, and read where allowed`, async () => {
      const file = dicomFile(greyElements(PIXELS, [element]));
      expect(await reasonOf(file)).toBe('burned-in-text');
      expect(await reasonOf(file, { allowBurnedIn: true })).toBe('read');
    });
  }
});
