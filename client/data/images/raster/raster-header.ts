import { BrokenFile } from '../../media/broken-file.ts';

/** What a PNG or JPEG file declares before its pixels. */
export interface RasterHeader {
  readonly height: number;
  readonly width: number;
  readonly components: number;
  readonly bits: number;
  readonly isInterlaced: boolean;
  /** 1 to 8, of the EXIF block, which is looked at for this alone; 1 without one. */
  readonly orientation: number;
}

/** @throws BrokenFile `truncated` if the file ends within its header, `bad-header` if there is none. */
export function readRasterHeader(bytes: Uint8Array, format: 'png' | 'jpeg'): RasterHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return format === 'png' ? readPng(view) : readJpeg(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BrokenFile('truncated', `${format}: the file ends within its header`);
  }
}

const PNG_COMPONENTS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

function readPng(view: DataView): RasterHeader {
  const components = PNG_COMPONENTS[view.getUint8(25)];
  if (view.getUint32(12) !== 0x49484452 || components === undefined) {
    throw new BrokenFile('bad-header', 'PNG: expected a header of a known color type');
  }
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bits: view.getUint8(24),
    isInterlaced: view.getUint8(28) !== 0,
    components,
    orientation: pngOrientation(view),
  };
}

/** Of the eXIf chunk, which may stand anywhere before the end. */
function pngOrientation(view: DataView): number {
  for (let at = 8; at + 12 <= view.byteLength; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === 0x65584966) return exifOrientation(view, at + 8);
  }
  return 1;
}

function readJpeg(view: DataView): RasterHeader {
  let orientation = 1;
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) throw new BrokenFile('bad-header', 'JPEG: expected a marker');
    const marker = view.getUint8(at + 1);
    const length = marker === 0xff ? -1 : view.getUint16(at + 2);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return {
        bits: view.getUint8(at + 4),
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        components: view.getUint8(at + 9),
        isInterlaced: marker === 0xc2,
        orientation,
      };
    }
    if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966)
      orientation = exifOrientation(view, at + 10);
    if (marker === 0xda || (length >= 0 && length < 2)) {
      throw new BrokenFile('bad-header', 'JPEG: expected a frame header');
    }
    at += 2 + length;
  }
}

/** Of the first directory of a TIFF block at `start`; 1 if it has none or does not fit. */
function exifOrientation(view: DataView, start: number): number {
  try {
    const isLittle = view.getUint16(start) === 0x4949;
    const directory = start + view.getUint32(start + 4, isLittle);
    const entries = view.getUint16(directory, isLittle);
    for (let i = 0; i < entries; i++) {
      const at = directory + 2 + 12 * i;
      if (view.getUint16(at, isLittle) === 0x0112) return view.getUint16(at + 8, isLittle);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}
