import { crc32, deflateSync } from 'node:zlib';

/** What an image of a benchmark is made of: two with different seeds differ. */
export interface ImageSketch {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly seed: number;
}

export interface RecordingSketch {
  /** The record's name, and its file's without ending. */
  readonly name: string;
  readonly samples: number;
  readonly leads: number;
  readonly rateHz: number;
  readonly seed: number;
}

/** A PNG file of 8 bits. */
export function pngFile(sketch: ImageSketch): Uint8Array {
  const { height, width, channels } = sketch;
  const rowBytes = width * channels;
  const pixels = shades(sketch, 255);
  const lines = new Uint8Array(height * (rowBytes + 1));
  for (let row = 0; row < height; row++)
    lines.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = channels === 1 ? 0 : 2;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(lines, { level: 1 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** An uncompressed DICOM file: 12 of 16 bits where it is grey, 8 where it is in color. */
export function dicomFile(sketch: ImageSketch): Uint8Array {
  const { height, width, channels } = sketch;
  const isGrey = channels === 1;
  const pixels = shades(sketch, isGrey ? 4095 : 255);
  const elements = [
    dicomText(0x0008, 0x0016, 'UI', '1.2.840.10008.5.1.4.1.1.2\0'),
    dicomWord(0x0028, 0x0002, channels),
    dicomText(0x0028, 0x0004, 'CS', isGrey ? 'MONOCHROME2 ' : 'RGB '),
    ...(isGrey ? [] : [dicomWord(0x0028, 0x0006, 0)]),
    dicomWord(0x0028, 0x0010, height),
    dicomWord(0x0028, 0x0011, width),
    dicomWord(0x0028, 0x0100, isGrey ? 16 : 8),
    dicomWord(0x0028, 0x0101, isGrey ? 12 : 8),
    dicomWord(0x0028, 0x0102, isGrey ? 11 : 7),
    dicomWord(0x0028, 0x0103, 0),
    dicomPixels(isGrey ? new Uint8Array(pixels.buffer) : Uint8Array.from(pixels)),
  ];
  const meta = dicomText(0x0002, 0x0010, 'UI', '1.2.840.10008.1.2.1\0');
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), meta, ...elements]);
}

/** A WFDB record of format 16, 200 units to the mV: the header, and the samples of all leads in turn. */
export function wfdbRecord(sketch: RecordingSketch): {
  readonly header: string;
  readonly samples: Uint8Array;
} {
  const { name, samples, leads, rateHz, seed } = sketch;
  const next = noise(seed);
  const values = new Int16Array(samples * leads);
  for (let i = 0; i < values.length; i++) {
    const second = Math.floor(i / leads) / rateHz;
    values[i] = Math.round(200 * Math.sin(2 * Math.PI * (second + (i % leads) / leads)) + 40 * next());
  }
  // The last zeros: no checksum, no block size.
  const lines = Array.from({ length: leads }, (_, i) => `${name}.dat 16 200/mV 16 0 0 0 0 lead${i + 1}`);
  return {
    header: `${[`${name} ${leads} ${rateHz} ${samples}`, ...lines].join('\n')}\n`,
    samples: new Uint8Array(values.buffer),
  };
}

/** [height, width, channels] of 0 to `most`: slow waves and a tenth of noise, so that it compresses as pictures do. */
function shades({ height, width, channels, seed }: ImageSketch, most: number): Uint16Array {
  const next = noise(seed);
  const [tall, wide] = [2 + (seed % 5), 2 + (seed % 7)];
  const pixels = new Uint16Array(height * width * channels);
  const column = Float64Array.from({ length: width }, (_, x) => Math.sin((wide * x) / width));
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.cos((tall * y) / height);
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++, at++) {
        pixels[at] = most * (0.5 + 0.4 * row * (column[x] as number) + 0.1 * (next() - 0.5));
      }
    }
  }
  return pixels;
}

/** Uniform on [0, 1), the same for the same seed. */
function noise(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function pngChunk(name: string, bytes: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), bytes]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(bytes.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

function dicomText(group: number, element: number, vr: string, value: string): Buffer {
  return Buffer.concat([dicomTag(group, element, vr, value.length), Buffer.from(value, 'latin1')]);
}

function dicomWord(group: number, element: number, value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return Buffer.concat([dicomTag(group, element, 'US', 2), bytes]);
}

function dicomPixels(pixels: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(pixels.length);
  // OW has its length behind two reserved bytes.
  return Buffer.concat([dicomTag(0x7fe0, 0x0010, 'OW', 0), length, pixels]);
}

/** @param length even. */
function dicomTag(group: number, element: number, vr: string, length: number): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt16LE(group, 0);
  tag.writeUInt16LE(element, 2);
  tag.write(vr, 4, 'latin1');
  tag.writeUInt16LE(length, 6);
  return tag;
}
