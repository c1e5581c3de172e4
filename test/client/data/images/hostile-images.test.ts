import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeImage } from '../../../../client/data/images/decode-image.ts';
import { IMAGE_LIMITS } from '../../../../client/data/images/raw-image.ts';
import { seededRandom } from '../../../../shared/core/random.ts';
import {
  type DicomElement,
  dicomFile,
  dicomSet,
  fragments,
  greyElements,
  niftiFile,
  pngFile,
  pngOf,
  tiffFile,
} from '../../../helpers/image-files.ts';
import { realData } from '../../../helpers/real-data.ts';
import encodings from '../../../vectors/images/encodings.json' with { type: 'json' };
import facts from '../../../vectors/images/samples.json' with { type: 'json' };

const folder = realData('format-samples');
const PIXELS = [0, 1, 2, 300, 4000, 65535];
const LIMITS = { bytes: 1 << 24, samples: 1 << 22 };
const ROOT = '1.2.840.10008.1.2';

/** `read`, or the reason; anything but an image that is whole or a BrokenFile fails the test. */
async function outcome(bytes: Uint8Array, options: Partial<DecodeOptions> = {}): Promise<string> {
  try {
    const { image } = await decodeImage(bytes, {
      format: 'auto',
      allowBurnedIn: true,
      limits: LIMITS,
      ...options,
    });
    expect(image.samples.length).toBe(image.frames * image.height * image.width * image.channels);
    expect(Number.isFinite(image.slope * image.intercept)).toBe(true);
    return 'read';
  } catch (error) {
    if ((error as Error).name !== 'BrokenFile') throw error;
    return (error as { reason: string }).reason;
  }
}

/** The same bytes with some of them changed, most of them near the start, where the header is. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = seededRandom('damage', seed);
  const out = Uint8Array.from(bytes);
  for (let i = 0; i <= random.below(8); i++) {
    const end = random.uniform() < 0.7 ? Math.min(out.length, 2000) : out.length;
    out[random.below(end)] = random.below(256);
  }
  return out;
}

const made: [string, Uint8Array][] = [
  ...encodings.lossless.map(({ name, base64 }): [string, Uint8Array] => [
    name,
    Buffer.from(base64, 'base64'),
  ]),
  ...encodings.lossy.map(({ name, base64 }): [string, Uint8Array] => [name, Buffer.from(base64, 'base64')]),
  [
    'PNG',
    pngFile({ width: 9, height: 7, channels: 4, samples: Uint8Array.from({ length: 252 }, (_, i) => i) }),
  ],
  ['TIFF', tiffFile({ width: 9, height: 7, pages: [new Uint16Array(63).fill(500), new Uint16Array(63)] })],
  ['NIfTI', niftiFile({ dim: [5, 4, 3], datatype: 16, numbers: new Uint8Array(240) })],
  ['NIfTI-2', niftiFile({ version: 2, dim: [5, 4, 3], datatype: 4, numbers: new Uint8Array(120) })],
  ['gzip', gzipSync(niftiFile({ dim: [5, 4, 3], datatype: 4, numbers: new Uint8Array(120) }))],
];

describe('a file that is cut off', () => {
  for (const [name, bytes] of made) {
    it(`is refused or read whole at every length: ${name}`, async () => {
      const outcomes = new Set<string>();
      for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 100)) {
        outcomes.add(await outcome(bytes.subarray(0, length)));
      }
      expect(outcomes).toContain('truncated');
    });
  }
});

describe.skipIf(folder === undefined)('a published sample', () => {
  for (const { file } of facts.files) {
    it(`that is cut off at 40 lengths is refused: ${file}`, async () => {
      const bytes = readFileSync(join(folder as string, file));
      const outcomes = new Set<string>();
      for (let i = 0; i < 40; i++) {
        outcomes.add(await outcome(bytes.subarray(0, Math.floor((i * bytes.length) / 40))));
      }
      expect([...outcomes].filter((reason) => reason !== 'truncated').sort()).toEqual(
        // Nothing at all is empty; the first 60 bytes of a preamble are of no format.
        ['empty', ...(outcomes.has('wrong-format') ? ['wrong-format'] : [])],
      );
    });

    it(`with changed bytes is refused or read: ${file}`, async () => {
      const bytes = readFileSync(join(folder as string, file));
      // JPEG 2000 costs 100 ms a megapixel.
      const rounds = /J2K/.test(file) ? 8 : 40;
      const before = process.memoryUsage().rss;
      for (let seed = 0; seed < rounds; seed++) await outcome(damaged(bytes, seed));
      expect(process.memoryUsage().rss - before).toBeLessThan(1 << 30);
    });
  }
});

describe('a file with changed bytes', () => {
  for (const [name, bytes] of made) {
    it(`is refused or read: ${name}`, async () => {
      const outcomes = new Set<string>();
      for (let seed = 0; seed < 60; seed++) outcomes.add(await outcome(damaged(bytes, seed)));
      expect(outcomes.size).toBeGreaterThan(1);
    });
  }
});

describe('DICOM that was made to do harm', () => {
  it('P1: reads behind an executable preamble, which it does not look at', async () => {
    const preamble = new Uint8Array(128);
    preamble.set(Buffer.from('MZ\x90\0This program cannot be run'));
    expect(await outcome(dicomFile(greyElements(PIXELS), { preamble }))).toBe('read');
    const tiff = new Uint8Array(128);
    tiff.set([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0]);
    expect(await outcome(dicomFile(greyElements(PIXELS), { preamble: tiff }))).toBe('read');
  });

  it('P2: reads without the length of the meta header, and with a wrong one', async () => {
    const plain = dicomFile(greyElements(PIXELS));
    expect(await outcome(plain)).toBe('read');
    const length = dicomSet([{ tag: 0x00020000, vr: 'UL', value: Uint8Array.of(0xff, 0xff, 0xff, 0x7f) }]);
    expect(await outcome(Buffer.concat([plain.subarray(0, 132), length, plain.subarray(132)]))).toBe('read');
  });

  for (const isExplicit of [true, false]) {
    it(`P3: refuses 10,000 nested sequences, ${isExplicit ? 'explicit' : 'implicit'}`, async () => {
      const open = (tag: number) =>
        dicomSet([{ tag, vr: 'SQ', value: new Uint8Array(0), isUndefined: true }], { isExplicit });
      const item = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
      const head = dicomSet([{ tag: 0x00080016, vr: 'UI', value: '1.2' }], { isExplicit });
      for (const tag of [0x00081140, 0x52009229]) {
        const nest = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.concat([open(tag), item])));
        const meta = dicomFile([], { syntax: isExplicit ? `${ROOT}.1` : ROOT });
        expect(await outcome(Buffer.concat([meta, head, nest]))).toBe('bad-header');
      }
    });
  }

  it('P3: refuses nested sequences of known length in a group that is looked into', async () => {
    let inner: DicomElement = { tag: 0x00400008, vr: 'SQ', value: [[]] };
    for (let i = 0; i < 100; i++) inner = { tag: 0x00400008, vr: 'SQ', value: [[inner]] };
    const elements = greyElements(PIXELS, [{ tag: 0x52009229, vr: 'SQ', value: [[inner]] }]);
    expect(await outcome(dicomFile(elements))).toBe('bad-header');
  });

  it('refuses more elements than any image has', async () => {
    const many = Buffer.alloc(4_100_000 * 8, dicomSet([{ tag: 0x00091001, vr: 'US', value: [] }]));
    const file = Buffer.concat([dicomFile([]), many]);
    expect(await outcome(file, { limits: IMAGE_LIMITS })).toBe('too-large');
  });

  it('P4: refuses a data set that inflates beyond the limit, without inflating it', async () => {
    const bomb = Buffer.concat([
      dicomFile([], { syntax: `${ROOT}.1.99` }),
      deflateRawSync(Buffer.alloc(1 << 27)),
    ]);
    expect(bomb.length).toBeLessThan(300_000);
    const before = process.memoryUsage().rss;
    expect(await outcome(bomb)).toBe('too-large');
    // The limit is 16 MiB; 128 MiB would have come out.
    expect(process.memoryUsage().rss - before).toBeLessThan(1 << 26);
  });

  it('P4: refuses a frame that inflates to more than its pixels', async () => {
    const elements = greyElements(
      [],
      [
        {
          tag: 0x7fe00010,
          vr: 'OB',
          value: fragments([new Uint8Array(0), deflateRawSync(Buffer.alloc(1 << 24))]),
          isUndefined: true,
        },
      ],
    );
    expect(await outcome(dicomFile(elements, { syntax: `${ROOT}.8.1` }))).toBe('too-large');
  });

  it('P5: calls pixels truncated that end before the header says, whatever the element claims', async () => {
    expect(await outcome(dicomFile(greyElements(PIXELS.slice(1))))).toBe('truncated');
    const whole = dicomFile(greyElements(PIXELS));
    expect(await outcome(whole.subarray(0, whole.length - 2))).toBe('truncated');
  });

  const us = (tag: number, ...value: number[]): DicomElement => ({ tag, vr: 'US', value });
  const contradictions: [string, DicomElement[], string][] = [
    ['13 bits stored in 8', [us(0x00280100, 8), us(0x00280101, 13)], 'bad-header'],
    ['no bits stored', [us(0x00280101, 0)], 'bad-header'],
    ['a high bit below the stored bits', [us(0x00280102, 3)], 'bad-header'],
    ['a high bit outside', [us(0x00280102, 16)], 'bad-header'],
    ['a sign of 2', [us(0x00280103, 2)], 'bad-header'],
    ['12 bits allocated', [us(0x00280100, 12), us(0x00280101, 12), us(0x00280102, 11)], 'unsupported'],
    ['0 rows', [us(0x00280010, 0)], 'bad-header'],
    ['no columns', [{ tag: 0x00280011, vr: 'US', value: [] }], 'bad-header'],
    ['−1 frames', [{ tag: 0x00280008, vr: 'IS', value: '-1' }], 'bad-header'],
    ['1.5 frames', [{ tag: 0x00280008, vr: 'IS', value: '1.5' }], 'bad-header'],
    ['frames that are no number', [{ tag: 0x00280008, vr: 'IS', value: 'many' }], 'bad-header'],
    ['two samples per pixel', [us(0x00280002, 2)], 'bad-header'],
    ['65,535 × 65,535 pixels', [us(0x00280010, 65535), us(0x00280011, 65535)], 'too-large'],
    ['a billion frames', [{ tag: 0x00280008, vr: 'IS', value: '1000000000' }], 'too-large'],
  ];
  for (const [name, elements, reason] of contradictions) {
    it(`P6: refuses ${name}`, async () => {
      expect(await outcome(dicomFile(greyElements(PIXELS, elements)))).toBe(reason);
    });
  }

  it('P6: refuses a compressed frame that declares another size than the data set, before decoding it', async () => {
    const { base64 } = encodings.lossless.find(({ name }) => name === 'B JPEG 2000') as { base64: string };
    const file = Buffer.from(base64, 'base64');
    const size = file.indexOf(Buffer.of(0xff, 0x4f, 0xff, 0x51)) + 8;
    file.writeUInt32BE(60_000, size);
    file.writeUInt32BE(60_000, size + 4);
    expect(await outcome(file)).toBe('bad-header');
  });

  it('P6: refuses a compressed frame of as many samples in another shape', async () => {
    const { base64 } = encodings.lossless.find(({ name }) => name.endsWith('predictor 1')) as {
      base64: string;
    };
    const file = Buffer.from(base64, 'base64');
    const rows = file.indexOf(Buffer.of(0x28, 0, 0x10, 0)) + 8;
    expect([file.readUInt16LE(rows), file.readUInt16LE(rows + 10)]).toEqual([12, 16]);
    file.writeUInt16LE(16, rows);
    file.writeUInt16LE(12, rows + 10);
    expect(await outcome(file)).toBe('bad-header');
  });

  it('P6: refuses a JPEG 2000 frame of very many tiles', async () => {
    const { base64 } = encodings.lossless.find(({ name }) => name === 'B JPEG 2000') as { base64: string };
    const file = Buffer.from(base64, 'base64');
    const tiles = file.indexOf(Buffer.of(0xff, 0x4f, 0xff, 0x51)) + 24;
    file.writeUInt32BE(0, tiles);
    expect(await outcome(file)).toBe('bad-header');
  });
});

describe('PNG, TIFF and NIfTI that were made to do harm', () => {
  it('refuses a PNG that declares more pixels than the limit', async () => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(100_000, 0);
    header.writeUInt32BE(100_000, 4);
    header.set([8, 0], 8);
    const file = pngOf([
      ['IHDR', header],
      ['IDAT', deflateSync(Buffer.alloc(1000))],
      ['IEND', Buffer.alloc(0)],
    ]);
    expect(await outcome(file)).toBe('too-large');
  });

  it('refuses a PNG of 0 × 0', async () => {
    const header = Buffer.alloc(13);
    header.set([8, 0], 8);
    expect(
      await outcome(
        pngOf([
          ['IHDR', header],
          ['IEND', Buffer.alloc(0)],
        ]),
      ),
    ).toBe('bad-header');
  });

  it('refuses a NIfTI file with negative sizes, of eight axes, or of more than it holds', async () => {
    const numbers = new Uint8Array(120);
    const file = (dim: number[]) => niftiFile({ dim, datatype: 4, numbers });
    expect(await outcome(file([5, -4, 3]))).toBe('bad-header');
    expect(await outcome(file([5, 0, 3]))).toBe('bad-header');
    expect(await outcome(file([5, 4, 3, -1]))).toBe('bad-header');
    expect(await outcome(file([1, 1, 1, 1, 1, 1, 1, 1]))).toBe('bad-header');
    expect(await outcome(file([5, 4, 4]))).toBe('truncated');
    expect(await outcome(file([30_000, 30_000, 30_000]))).toBe('too-large');
    const wide = niftiFile({ version: 2, dim: [2 ** 40, 2 ** 40], datatype: 2, numbers });
    expect(await outcome(wide)).toBe('too-large');
  });

  it('refuses a gzip bomb', async () => {
    expect(await outcome(gzipSync(Buffer.alloc(1 << 27)), { format: 'nifti' })).toBe('too-large');
  });

  it('refuses a file larger than the limit, and one that is empty', async () => {
    const bytes = dicomFile(greyElements(PIXELS));
    expect(await outcome(bytes, { limits: { ...LIMITS, bytes: bytes.length - 1 } })).toBe('too-large');
    expect(await outcome(new Uint8Array(0))).toBe('empty');
  });

  it('does not read a format under the name of another', async () => {
    const png = pngFile({ width: 1, height: 1, channels: 1, samples: Uint8Array.of(1) });
    for (const format of ['dicom', 'jpeg', 'tiff', 'nifti'] as const) {
      expect(await outcome(png, { format })).toBe('wrong-format');
    }
    expect(await outcome(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe('wrong-format');
  });
});
