import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../client/data/images/decode-image.ts';
import { niftiFile } from '../../../helpers/image-files.ts';

const read = async (bytes: Uint8Array) => (await decodeImage(bytes, { format: 'nifti' })).image;

/** The numbers 0 to 11 in each type, as bytes of either order. */
const TYPES: [number, new (values: number[]) => NodeJS.TypedArray][] = [
  [2, Uint8Array],
  [4, Int16Array],
  [8, Int32Array],
  [16, Float32Array],
  [64, Float64Array],
  [256, Int8Array],
  [512, Uint16Array],
  [768, Uint32Array],
] as never;

const VALUES = [0, 1, 2, 3, 4, 5, 6, 7, 100, 101, 102, 127];

function bytesOf(array: NodeJS.TypedArray, isBigEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(array.buffer.slice(0));
  const size = array.BYTES_PER_ELEMENT;
  if (isBigEndian) for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}

describe('a NIfTI file', () => {
  for (const version of [1, 2] as const) {
    for (const isBigEndian of [false, true]) {
      it(`of version ${version} and ${isBigEndian ? 'big' : 'little'} endian is read in every type`, async () => {
        for (const [datatype, Type] of TYPES) {
          const numbers = bytesOf(new Type(VALUES), isBigEndian);
          const image = await read(niftiFile({ version, isBigEndian, dim: [3, 2, 2], datatype, numbers }));
          expect(image).toMatchObject({ frames: 2, height: 2, width: 3, channels: 1 });
          expect([...image.samples]).toEqual(VALUES);
        }
      });
    }
  }

  it('is read gzipped, and under the format auto', async () => {
    const file = gzipSync(niftiFile({ dim: [4, 3], datatype: 2, numbers: Uint8Array.from(VALUES) }));
    const { image } = await decodeImage(file, { format: 'auto' });
    expect(image).toMatchObject({ frames: 1, height: 3, width: 4 });
    expect([...image.samples]).toEqual(VALUES);
  });

  it('has a frame for each slice of each volume', async () => {
    const image = await read(niftiFile({ dim: [1, 2, 3, 2], datatype: 2, numbers: Uint8Array.from(VALUES) }));
    expect(image).toMatchObject({ frames: 6, height: 2, width: 1 });
  });

  it('scales by slope and intercept, but not by a slope of 0', async () => {
    const base = { dim: [4, 3], datatype: 2, numbers: Uint8Array.from(VALUES) };
    const scaled = await read(niftiFile({ ...base, slope: 0.5, intercept: -10, shown: [-5, 20] }));
    expect(scaled).toMatchObject({ slope: 0.5, intercept: -10, window: { low: -5, high: 20 } });
    // 0 and 255, halved, less 10.
    expect(scaled.range).toEqual({ low: -10, high: 117.5 });
    const plain = await read(niftiFile({ ...base, slope: 0, intercept: -10 }));
    expect(plain).toMatchObject({ slope: 1, intercept: 0, window: undefined });
  });

  it('gives the distance of rows, then of columns, in mm', async () => {
    const base = { dim: [4, 3], datatype: 2, numbers: Uint8Array.from(VALUES), pixdim: [1, 0.5, 2, 1] };
    expect((await read(niftiFile(base))).spacing).toEqual([2, 0.5]);
    // 3: micrometres.
    expect((await read(niftiFile({ ...base, units: 3 }))).spacing).toEqual([0.002, 0.0005]);
    expect((await read(niftiFile({ ...base, pixdim: [1, 0, 2, 1] }))).spacing).toBeUndefined();
  });

  it('takes the plane from the matrix, else from the quaternion', async () => {
    const base = { dim: [4, 3], datatype: 2, numbers: Uint8Array.from(VALUES) };
    const plane = async (more: object) => (await read(niftiFile({ ...base, ...more }))).orientation;
    expect(await plane({})).toBeUndefined();
    expect(await plane({ quaternion: [0, 0, 0] })).toBe('axial');
    // A quarter turn about x: columns stay, rows run along z, the normal along y.
    const half = Math.SQRT1_2;
    expect(await plane({ quaternion: [half, 0, 0] })).toBe('coronal');
    // A quarter turn about y: columns run along z, the normal along x.
    expect(await plane({ quaternion: [0, half, 0] })).toBe('sagittal');
    const sagittal = [
      [0, 0, 1, 0],
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ];
    expect(await plane({ quaternion: [0, 0, 0], matrix: sagittal })).toBe('sagittal');
  });

  it('says so when it is one of a pair, of complex numbers, or of five axes', async () => {
    const base = { dim: [4, 3], datatype: 2, numbers: Uint8Array.from(VALUES) };
    for (const more of [{ magic: 'ni1\0' }, { datatype: 32 }, { dim: [2, 2, 1, 1, 3] }]) {
      await expect(read(niftiFile({ ...base, ...more }))).rejects.toMatchObject({ reason: 'unsupported' });
    }
  });
});
