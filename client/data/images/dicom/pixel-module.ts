import { BrokenFile } from '../../media/broken-file.ts';
import type { Attributes } from './attributes.ts';

const PHOTOMETRIC = [
  'MONOCHROME1',
  'MONOCHROME2',
  'PALETTE COLOR',
  'RGB',
  'YBR_FULL',
  'YBR_FULL_422',
  'YBR_RCT',
  'YBR_ICT',
] as const;

export type Photometric = (typeof PHOTOMETRIC)[number];

/** How stored pixels are laid out (PS3.3 section C.7.6.3), consistent in itself. */
export interface PixelModule {
  readonly frames: number;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: 1 | 3;
  readonly photometric: Photometric;
  /** Native pixels: all of one color after all of another, instead of pixel by pixel. */
  readonly isPlanar: boolean;
  readonly bitsAllocated: 1 | 8 | 16 | 32 | 64;
  readonly bitsStored: number;
  /** Of the lowest stored bit. */
  readonly shift: number;
  readonly isSigned: boolean;
}

/**
 * @param isFloat the pixels are IEEE numbers of `bitsAllocated` 32 or 64, to which bits stored do not apply.
 * @throws BrokenFile `bad-header` for what contradicts itself, `unsupported` for layouts that are not read.
 */
export function readPixelModule(from: Attributes, isFloat: boolean): PixelModule {
  const samplesPerPixel = from.word('x00280002') ?? 1;
  const photometric = readPhotometric(from.text('x00280004'), samplesPerPixel);
  const bitsAllocated = from.word('x00280100') ?? 0;
  const bitsStored = isFloat ? bitsAllocated : (from.word('x00280101') ?? bitsAllocated);
  const highBit = isFloat ? bitsStored - 1 : (from.word('x00280102') ?? bitsStored - 1);
  const sign = from.word('x00280103') ?? 0;
  if (!isFloat && !(bitsStored >= 1 && bitsStored - 1 <= highBit && highBit < bitsAllocated && sign <= 1)) {
    throw new BrokenFile(
      'bad-header',
      `DICOM: expected bits stored within bits allocated, found ${bitsStored} up to bit ${highBit} of ${bitsAllocated}, sign ${sign}`,
    );
  }
  if (!isReadable(bitsAllocated, isFloat)) {
    throw new BrokenFile('unsupported', `DICOM: ${bitsAllocated} bits allocated per sample are not read`);
  }
  const isGrey = photometric.startsWith('MONOCHROME');
  if (!isGrey && (isFloat || bitsAllocated > 16 || bitsAllocated === 1)) {
    throw new BrokenFile('unsupported', `DICOM: color of ${bitsAllocated} bits per sample is not read`);
  }
  return {
    frames: readFrames(from),
    rows: from.word('x00280010') ?? 0,
    columns: from.word('x00280011') ?? 0,
    samplesPerPixel: samplesPerPixel === 3 ? 3 : 1,
    photometric,
    isPlanar: samplesPerPixel === 3 && from.word('x00280006') === 1,
    bitsAllocated,
    bitsStored,
    shift: highBit - bitsStored + 1,
    isSigned: sign === 1,
  };
}

function isReadable(bits: number, isFloat: boolean): bits is PixelModule['bitsAllocated'] {
  return isFloat ? bits === 32 || bits === 64 : [1, 8, 16, 32].includes(bits);
}

/** Absent or empty: 1. */
function readFrames(from: Attributes): number {
  return from.decimal('x00280008') ?? 1;
}

function readPhotometric(text: string | undefined, samplesPerPixel: number): Photometric {
  const photometric = PHOTOMETRIC.find((known) => known === text);
  if (photometric === undefined) {
    throw new BrokenFile('unsupported', 'DICOM: a photometric interpretation that is not read, or none');
  }
  const expected = /^(MONO|PALETTE)/.test(photometric) ? 1 : 3;
  if (samplesPerPixel !== expected) {
    throw new BrokenFile(
      'bad-header',
      `DICOM: expected ${expected} samples per pixel of ${photometric}, found ${samplesPerPixel}`,
    );
  }
  return photometric;
}
