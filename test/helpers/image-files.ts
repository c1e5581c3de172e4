import { deflateSync } from 'node:zlib';

/** One element of a DICOM data set; `value` is what is written, or the items of a sequence. */
export interface DicomElement {
  readonly tag: number;
  readonly vr: string;
  readonly value: string | Uint8Array | readonly number[] | readonly (readonly DicomElement[])[];
  /** Writes a sequence, its items and fragments up to delimiters. */
  readonly isUndefined?: boolean;
}

export interface DicomStyle {
  readonly isExplicit?: boolean;
  readonly isBigEndian?: boolean;
}

export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';

const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** A DICOM file: preamble, meta header without its length, data set. */
export function dicomFile(
  elements: readonly DicomElement[],
  options: DicomStyle & { readonly syntax?: string; readonly preamble?: Uint8Array } = {},
): Uint8Array {
  const preamble = options.preamble ?? new Uint8Array(128);
  const meta = dicomSet([{ tag: 0x00020010, vr: 'UI', value: options.syntax ?? EXPLICIT_LITTLE }]);
  return Buffer.concat([preamble, Buffer.from('DICM'), meta, dicomSet(elements, options)]);
}

/** The bytes of a data set alone. */
export function dicomSet(elements: readonly DicomElement[], style: DicomStyle = {}): Buffer {
  return Buffer.concat(elements.map((element) => dicomElement(element, style)));
}

function dicomElement(element: DicomElement, style: DicomStyle): Buffer {
  const { isExplicit = true, isBigEndian = false } = style;
  const value = dicomValue(element, style);
  const length = element.isUndefined ? 0xffffffff : value.length;
  const isLong = !isExplicit || LONG.has(element.vr);
  const header = Buffer.alloc(isExplicit && isLong ? 12 : 8);
  const write16 = (at: number, n: number) =>
    isBigEndian ? header.writeUInt16BE(n, at) : header.writeUInt16LE(n, at);
  write16(0, element.tag >>> 16);
  write16(2, element.tag & 0xffff);
  if (isExplicit) header.write(element.vr, 4, 'latin1');
  const at = header.length - 4;
  if (!isLong) write16(6, length);
  else if (isBigEndian) header.writeUInt32BE(length, at);
  else header.writeUInt32LE(length, at);
  return Buffer.concat([header, value]);
}

function dicomValue(element: DicomElement, style: DicomStyle): Buffer {
  const { value, vr } = element;
  if (typeof value === 'string') {
    return Buffer.from(value.length % 2 === 0 ? value : `${value}${vr === 'UI' ? '\0' : ' '}`, 'latin1');
  }
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (vr === 'SQ') {
    const items = (value as readonly (readonly DicomElement[])[]).map((item) => dicomSet(item, style));
    return fragments(items, { ...style, isDelimited: element.isUndefined ?? false });
  }
  const out = Buffer.alloc(2 * value.length);
  (value as readonly number[]).forEach((n, i) => {
    if (style.isBigEndian) out.writeUInt16BE(n & 0xffff, 2 * i);
    else out.writeUInt16LE(n & 0xffff, 2 * i);
  });
  return out;
}

/** Items of defined length, for a sequence or for encapsulated pixels (whose first is the offset table). */
export function fragments(
  items: readonly Uint8Array[],
  options: DicomStyle & { readonly isDelimited?: boolean } = {},
): Buffer {
  const item = (element: number, length: number) => {
    const header = Buffer.alloc(8);
    const words = [0xfffe, element];
    words.forEach((n, i) => {
      if (options.isBigEndian) header.writeUInt16BE(n, 2 * i);
      else header.writeUInt16LE(n, 2 * i);
    });
    if (options.isBigEndian) header.writeUInt32BE(length, 4);
    else header.writeUInt32LE(length, 4);
    return header;
  };
  return Buffer.concat([
    ...items.flatMap((bytes) => [item(0xe000, bytes.length), bytes]),
    ...((options.isDelimited ?? true) ? [item(0xe0dd, 0)] : []),
  ]);
}

/** The elements of a grey image of 2 × 3 pixels and 16 bits; `more` replaces or adds, by tag. */
export function greyElements(
  pixels: readonly number[] | Uint8Array,
  more: readonly DicomElement[] = [],
): DicomElement[] {
  const base: DicomElement[] = [
    { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.2' },
    { tag: 0x00280002, vr: 'US', value: [1] },
    { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
    { tag: 0x00280010, vr: 'US', value: [2] },
    { tag: 0x00280011, vr: 'US', value: [3] },
    { tag: 0x00280100, vr: 'US', value: [16] },
    { tag: 0x00280101, vr: 'US', value: [16] },
    { tag: 0x00280102, vr: 'US', value: [15] },
    { tag: 0x00280103, vr: 'US', value: [0] },
    { tag: 0x7fe00010, vr: 'OW', value: pixels },
  ];
  const replaced = new Set(more.map(({ tag }) => tag));
  return [...base.filter(({ tag }) => !replaced.has(tag)), ...more].sort((a, b) => a.tag - b.tag);
}

/** A PNG file of 8 or 16 bits; `samples` are [height, width, channels]. */
export function pngFile(options: {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly samples: Uint8Array | Uint16Array;
  /** Chunks before the pixels. */
  readonly chunks?: readonly (readonly [name: string, bytes: Uint8Array])[];
}): Uint8Array {
  const { width, height, channels, samples } = options;
  const size = samples.BYTES_PER_ELEMENT;
  const row = width * channels * size;
  const raw = Buffer.alloc((row + 1) * height);
  samples.forEach((value, i) => {
    const at = Math.floor(i / (width * channels)) * (row + 1) + 1 + (i % (width * channels)) * size;
    if (size === 1) raw.writeUInt8(value, at);
    else raw.writeUInt16BE(value, at);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8 * size;
  header[9] = { 1: 0, 2: 4, 3: 2, 4: 6 }[channels];
  return pngOf([
    ['IHDR', header],
    ...(options.chunks ?? []),
    ['IDAT', deflateSync(raw)],
    ['IEND', Buffer.alloc(0)],
  ]);
}

/** A PNG file of these chunks. */
export function pngOf(chunks: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  const parts = chunks.map(([name, bytes]) => {
    const body = Buffer.concat([Buffer.from(name), bytes]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  });
  return Buffer.concat([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...parts]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A little-endian TIFF file without compression, one grey page for each of `pages`. */
export function tiffFile(options: {
  readonly width: number;
  readonly height: number;
  readonly pages: readonly (Uint8Array | Uint16Array)[];
  readonly orientation?: number;
}): Uint8Array {
  const { width, height, pages, orientation = 1 } = options;
  const parts: Buffer[] = [Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])];
  let at = 8;
  pages.forEach((page, index) => {
    const entries = [
      [256, 3, width],
      [257, 3, height],
      [258, 3, 8 * page.BYTES_PER_ELEMENT],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, at + 2 + 12 * 10 + 4],
      [274, 3, orientation],
      [277, 3, 1],
      [278, 3, height],
      [279, 4, page.byteLength],
    ] as const;
    const directory = Buffer.alloc(2 + 12 * entries.length + 4);
    directory.writeUInt16LE(entries.length, 0);
    entries.forEach(([tag, type, value], i) => {
      directory.writeUInt16LE(tag, 2 + 12 * i);
      directory.writeUInt16LE(type, 4 + 12 * i);
      directory.writeUInt32LE(1, 6 + 12 * i);
      directory.writeUInt32LE(value, 10 + 12 * i);
    });
    const pixels = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
    const padded = pixels.length % 2 === 0 ? pixels : Buffer.concat([pixels, Buffer.alloc(1)]);
    at += directory.length + padded.length;
    if (index + 1 < pages.length) directory.writeUInt32LE(at, directory.length - 4);
    parts.push(directory, padded);
  });
  return Buffer.concat(parts);
}

/** A NIfTI file of either version and byte order. */
export function niftiFile(options: {
  readonly version?: 1 | 2;
  readonly isBigEndian?: boolean;
  readonly dim: readonly number[];
  readonly datatype: number;
  /** The numbers, in the byte order of the file. */
  readonly numbers: Uint8Array;
  readonly pixdim?: readonly number[];
  readonly slope?: number;
  readonly intercept?: number;
  readonly shown?: readonly [number, number];
  readonly quaternion?: readonly [number, number, number];
  readonly matrix?: readonly (readonly number[])[];
  readonly units?: number;
  readonly magic?: string;
}): Uint8Array {
  const { version = 1, isBigEndian = false, numbers } = options;
  const isOne = version === 1;
  const start = isOne ? 352 : 544;
  const bytes = Buffer.alloc(start + numbers.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const order = !isBigEndian;
  const float = (narrow: number, wide: number, i: number, value: number) =>
    isOne ? view.setFloat32(narrow + 4 * i, value, order) : view.setFloat64(wide + 8 * i, value, order);
  view.setInt32(0, isOne ? 348 : 540, order);
  const dims = [options.dim.length, ...options.dim, 1, 1, 1, 1, 1, 1, 1].slice(0, 8);
  dims.forEach((length, i) => {
    if (isOne) view.setInt16(40 + 2 * i, length, order);
    else view.setBigInt64(16 + 8 * i, BigInt(length), order);
  });
  view.setInt16(isOne ? 70 : 12, options.datatype, order);
  (options.pixdim ?? [1, 1, 1, 1]).forEach((mm, i) => {
    float(76, 104, i, mm);
  });
  if (isOne) view.setFloat32(108, start, order);
  else view.setBigInt64(168, BigInt(start), order);
  float(112, 176, 0, options.slope ?? 0);
  float(116, 184, 0, options.intercept ?? 0);
  float(124, 192, 0, options.shown?.[1] ?? 0);
  float(128, 200, 0, options.shown?.[0] ?? 0);
  if (isOne) view.setUint8(123, options.units ?? 2);
  else view.setInt32(500, options.units ?? 2, order);
  const code = (narrow: number, wide: number) =>
    isOne ? view.setInt16(narrow, 1, order) : view.setInt32(wide, 1, order);
  if (options.quaternion !== undefined) code(252, 344);
  options.quaternion?.forEach((value, i) => {
    float(256, 352, i, value);
  });
  if (options.matrix !== undefined) code(254, 348);
  options.matrix?.flat().forEach((value, i) => {
    float(280, 400, i, value);
  });
  bytes.write(options.magic ?? (isOne ? 'n+1\0' : 'n+2\0\r\n\x1a\n'), isOne ? 344 : 4, 'latin1');
  bytes.set(numbers, start);
  return bytes;
}
