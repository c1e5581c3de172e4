import { BrokenFile } from '../media/broken-file.ts';
import { isNifti } from './file-format.ts';
import { countSamples } from './image-size.ts';
import { inflate } from './inflate.ts';
import { planeOf } from './orientation.ts';
import type { ImageLimits, RawImage } from './raw-image.ts';

/** Where the fields of a header lie; NIfTI-2 widens most numbers (nifti1.h and nifti2.h of the NIfTI data format). */
interface Layout {
  readonly headerBytes: number;
  readonly magicAt: number;
  readonly datatypeAt: number;
  /** Of eight numbers: their count, then the sizes. */
  readonly dim: (i: number) => number;
  readonly pixdim: (i: number) => number;
  readonly offset: number;
  readonly slope: number;
  readonly intercept: number;
  /** The lowest three bits: 1 metre, 2 millimetre, 3 micrometre. */
  readonly units: number;
  readonly mostShown: number;
  readonly leastShown: number;
  /** Codes of the two transforms, three numbers of the quaternion, the rows of the matrix. */
  readonly qformCode: number;
  readonly sformCode: number;
  readonly quaternion: (i: number) => number;
  readonly matrix: (row: number, column: number) => number;
}

interface Datatype {
  readonly name: 'Uint8' | 'Int8' | 'Int16' | 'Uint16' | 'Int32' | 'Uint32' | 'Float32' | 'Float64';
  readonly bytes: 1 | 2 | 4 | 8;
}

const DATATYPES: ReadonlyMap<number, Datatype> = new Map<number, Datatype>([
  [2, { name: 'Uint8', bytes: 1 }],
  [4, { name: 'Int16', bytes: 2 }],
  [8, { name: 'Int32', bytes: 4 }],
  [16, { name: 'Float32', bytes: 4 }],
  [64, { name: 'Float64', bytes: 8 }],
  [256, { name: 'Int8', bytes: 1 }],
  [512, { name: 'Uint16', bytes: 2 }],
  [768, { name: 'Uint32', bytes: 4 }],
]);

/**
 * Reads a NIfTI-1 or NIfTI-2 file, plain or gzipped: slices along the third axis, volume after volume, are the frames;
 * rows lie along the second axis and columns along the first, in the order of the file. Numbers of 64 bits become
 * float32.
 * @throws BrokenFile
 */
export function readNifti(file: Uint8Array, limits: ImageLimits): RawImage {
  const bytes = isNifti(file)
    ? file
    : inflate(file, { kind: 'gzip', mostBytes: limits.bytes, what: 'NIfTI' });
  if (!isNifti(bytes)) {
    throw new BrokenFile(
      'wrong-format',
      'NIfTI: expected a header of 348 or 540 bytes, found another format',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = bytes[0] !== 0;
  const layout = view.getInt32(0, isLittle) === 348 ? nifti1(view, isLittle) : nifti2(view, isLittle);
  if (layout === undefined) throw new BrokenFile('truncated', 'NIfTI: the file ends within its header');
  checkMagic(bytes, layout);
  const size = sizeOf(layout);
  const datatype = DATATYPES.get(view.getInt16(layout.datatypeAt, isLittle));
  if (datatype === undefined) {
    throw new BrokenFile('unsupported', 'NIfTI: expected whole or floating-point numbers of up to 64 bits');
  }
  const count = countSamples({ ...size, channels: 1 }, limits, 'NIfTI');
  const { offset } = layout;
  if (!(Number.isSafeInteger(offset) && offset >= layout.headerBytes + 4)) {
    throw new BrokenFile('bad-header', 'NIfTI: expected the numbers to start after the header');
  }
  if (offset + count * datatype.bytes > bytes.length) {
    throw new BrokenFile(
      'truncated',
      `NIfTI: expected ${count * datatype.bytes} bytes of numbers, found ${Math.max(0, bytes.length - offset)}`,
    );
  }
  const samples = readNumbers(bytes.slice(offset, offset + count * datatype.bytes), datatype, isLittle);
  return { ...size, channels: 1, samples, isInverted: false, ...meaningOf(layout, datatype) };
}

function checkMagic(bytes: Uint8Array, layout: Layout): void {
  const magic = String.fromCharCode(...bytes.subarray(layout.magicAt, layout.magicAt + 3));
  if (magic === 'n+1' || magic === 'n+2') return;
  if (magic === 'ni1' || magic === 'ni2') {
    throw new BrokenFile('unsupported', 'NIfTI: a pair of .hdr and .img is not read; convert it to one .nii');
  }
  throw new BrokenFile('bad-header', 'NIfTI: expected the mark of a single file, n+1 or n+2');
}

/** @throws BrokenFile `bad-header` for a count outside 2 to 7, `unsupported` where the fifth axis or a later one is long. */
function sizeOf(layout: Layout): { frames: number; height: number; width: number } {
  const axes = layout.dim(0);
  if (!(axes >= 2 && axes <= 7)) {
    throw new BrokenFile('bad-header', `NIfTI: expected 2 to 7 axes, found ${axes}`);
  }
  const length = (axis: number) => (axis <= axes ? layout.dim(axis) : 1);
  if ([5, 6, 7].some((axis) => length(axis) > 1)) {
    throw new BrokenFile('unsupported', 'NIfTI: expected at most four axes, found more');
  }
  const volumes = length(4);
  if (volumes < 1) throw new BrokenFile('bad-header', `NIfTI: expected at least 1 volume, found ${volumes}`);
  return { frames: length(3) * volumes, height: length(2), width: length(1) };
}

function meaningOf(
  layout: Layout,
  datatype: Datatype,
): Pick<RawImage, 'slope' | 'intercept' | 'window' | 'range' | 'spacing' | 'orientation'> {
  // A slope of 0 means that the numbers are not scaled, whatever the intercept.
  const isScaled = layout.slope !== 0 && Number.isFinite(layout.slope) && Number.isFinite(layout.intercept);
  const slope = isScaled ? layout.slope : 1;
  const intercept = isScaled ? layout.intercept : 0;
  const { leastShown, mostShown } = layout;
  const mm = [1, 1000, 1, 1e-3][layout.units & 7] ?? 1;
  const spacing: [number, number] = [Math.abs(layout.pixdim(2)) * mm, Math.abs(layout.pixdim(1)) * mm];
  return {
    slope,
    intercept,
    window: mostShown > leastShown ? { low: leastShown, high: mostShown } : undefined,
    range: rangeOf(datatype, { slope, intercept }),
    spacing: spacing.every((distance) => distance > 0 && Number.isFinite(distance)) ? spacing : undefined,
    orientation: planeOf(normalOf(layout)),
  };
}

function rangeOf(
  { name, bytes }: Datatype,
  { slope, intercept }: { slope: number; intercept: number },
): RawImage['range'] {
  if (name.startsWith('Float')) return undefined;
  const count = 2 ** (8 * bytes);
  const ends = (name.startsWith('U') ? [0, count - 1] : [-count / 2, count / 2 - 1]).map(
    (value) => value * slope + intercept,
  );
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

/** The normal of the slices: of the matrix where the file has one, else of the quaternion; zero without either. */
function normalOf(layout: Layout): [number, number, number] {
  if (layout.sformCode > 0) {
    const [a, b, c] = [0, 1, 2].map((row) => layout.matrix(row, 0)) as [number, number, number];
    const [d, e, f] = [0, 1, 2].map((row) => layout.matrix(row, 1)) as [number, number, number];
    return [b * f - c * e, c * d - a * f, a * e - b * d];
  }
  if (layout.qformCode <= 0) return [0, 0, 0];
  const [b, c, d] = [0, 1, 2].map(layout.quaternion) as [number, number, number];
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  return [2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c];
}

function readNumbers(bytes: Uint8Array, datatype: Datatype, isLittle: boolean): RawImage['samples'] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isLittle && datatype.bytes === 2) whole.swap16();
  if (!isLittle && datatype.bytes === 4) whole.swap32();
  if (!isLittle && datatype.bytes === 8) whole.swap64();
  const { buffer } = bytes;
  switch (datatype.name) {
    case 'Uint8':
      return new Uint8Array(buffer);
    case 'Int8':
      return new Int8Array(buffer);
    case 'Int16':
      return new Int16Array(buffer);
    case 'Uint16':
      return new Uint16Array(buffer);
    case 'Int32':
      return new Int32Array(buffer);
    case 'Uint32':
      return new Uint32Array(buffer);
    case 'Float32':
      return new Float32Array(buffer);
    case 'Float64':
      return Float32Array.from(new Float64Array(buffer));
  }
}

function nifti1(view: DataView, isLittle: boolean): Layout | undefined {
  if (view.byteLength < 348) return undefined;
  const float = (at: number) => view.getFloat32(at, isLittle);
  return {
    headerBytes: 348,
    magicAt: 344,
    datatypeAt: 70,
    dim: (i) => view.getInt16(40 + 2 * i, isLittle),
    pixdim: (i) => float(76 + 4 * i),
    offset: float(108),
    slope: float(112),
    intercept: float(116),
    units: view.getUint8(123),
    mostShown: float(124),
    leastShown: float(128),
    qformCode: view.getInt16(252, isLittle),
    sformCode: view.getInt16(254, isLittle),
    quaternion: (i) => float(256 + 4 * i),
    matrix: (row, column) => float(280 + 16 * row + 4 * column),
  };
}

function nifti2(view: DataView, isLittle: boolean): Layout | undefined {
  if (view.byteLength < 540) return undefined;
  const float = (at: number) => view.getFloat64(at, isLittle);
  const whole = (at: number) => Number(view.getBigInt64(at, isLittle));
  return {
    headerBytes: 540,
    magicAt: 4,
    datatypeAt: 12,
    dim: (i) => whole(16 + 8 * i),
    pixdim: (i) => float(104 + 8 * i),
    offset: whole(168),
    slope: float(176),
    intercept: float(184),
    units: view.getInt32(500, isLittle),
    mostShown: float(192),
    leastShown: float(200),
    qformCode: view.getInt32(344, isLittle),
    sformCode: view.getInt32(348, isLittle),
    quaternion: (i) => float(352 + 8 * i),
    matrix: (row, column) => float(400 + 32 * row + 8 * column),
  };
}
