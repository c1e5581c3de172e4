import { BrokenFile } from '../../media/broken-file.ts';
import type { DecodedImage } from '../decoded-image.ts';
import { countSamples } from '../image-size.ts';
import { planeOfRows } from '../orientation.ts';
import type { ImageLimits, RawImage } from '../raw-image.ts';
import { type Attributes, readAttributes } from './attributes.ts';
import { applyPalette, readPalette, ybrToRgb } from './color.ts';
import { readCompressed } from './compressed.ts';
import { type Element, type Encoded, encoded } from './element.ts';
import { openDicom } from './meta-header.ts';
import { readNative } from './native.ts';
import { outline } from './outline.ts';
import { type PixelModule, readPixelModule } from './pixel-module.ts';
import { storedRange } from './stored-bits.ts';
import type { PixelEncoding } from './transfer-syntax.ts';

export interface DicomOptions {
  readonly limits: ImageLimits;
  readonly allowBurnedIn: boolean;
  readonly readPatientId: boolean;
}

const PATIENT_ID = 0x00100020;
const MODALITY_TABLE = 0x00283000;

/** All that is ever read of a data set besides its pixels. None of it names a patient, a person, a place or a time. */
const WANTED: readonly number[] = [
  0x00080016,
  0x00080060,
  0x00181164,
  0x00182010,
  0x00200013,
  0x00200037,
  0x00280002,
  0x00280004,
  0x00280006,
  0x00280008,
  0x00280010,
  0x00280011,
  0x00280030,
  0x00280100,
  0x00280101,
  0x00280102,
  0x00280103,
  0x00280301,
  0x00281050,
  0x00281051,
  0x00281052,
  0x00281053,
  0x00281056,
  0x00281101,
  0x00281102,
  0x00281103,
  0x00281201,
  0x00281202,
  0x00281203,
  0x00281221,
  MODALITY_TABLE,
  0x52009229,
  0x52009230,
];

/**
 * Reads a DICOM file or a bare data set: its pixels and what they mean, and nothing that identifies a patient, except
 * the patient's identifier where `readPatientId` asks for it.
 * @throws BrokenFile; no message holds a value of the file other than sizes and counts.
 */
export async function readDicom(bytes: Uint8Array, options: DicomOptions): Promise<DecodedImage> {
  const { limits } = options;
  const { data, syntax } = openDicom(bytes, limits.bytes);
  const wanted = new Set(options.readPatientId ? [...WANTED, PATIENT_ID] : WANTED);
  const { kept: keptBytes, pixels } = outline(data, { isExplicit: syntax.isExplicit, wanted });
  const kept = encoded(keptBytes, syntax.isBigEndian);
  const from = readAttributes(kept, syntax.isExplicit);
  if (pixels === undefined || pixels.length === 0) {
    throw new BrokenFile('empty', 'DICOM: expected pixels, found a data set without');
  }
  if (!options.allowBurnedIn) refuseBurnedIn(from);
  if (from.item('x00283000') !== undefined) {
    throw new BrokenFile('unsupported', 'DICOM: a modality look-up table is not read; rescale slope is');
  }
  const module = readPixelModule(from, pixels.tag !== 0x7fe00010);
  countSamples(
    {
      frames: module.frames,
      height: module.rows,
      width: module.columns,
      channels: module.photometric === 'PALETTE COLOR' ? 3 : module.samplesPerPixel,
    },
    limits,
    'DICOM',
  );
  const samples = await readSamples({ data, pixels, module, encoding: syntax.encoding, from, kept });
  const patientId = options.readPatientId ? from.text('x00100020') : undefined;
  const instance = from.decimal('x00200013');
  return {
    image: describe(samples, module, from),
    ...(patientId === undefined ? {} : { patientId }),
    ...(Number.isSafeInteger(instance) ? { instance: instance as number } : {}),
  };
}

/** Ultrasound and secondary captures carry text in their pixels as a rule (PS3.15 annex E.3.1). */
function refuseBurnedIn(from: Attributes): void {
  const kind = from.text('x00080016') ?? '';
  const modality = from.text('x00080060') ?? '';
  const isUltrasound =
    /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(3|6)(\.|$)/.test(kind) || /^(US|IVUS)$/.test(modality);
  const isCapture = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.|$)/.test(kind);
  const isDeclared = from.text('x00280301') === 'YES';
  if (!isUltrasound && !isCapture && !isDeclared) return;
  const what = isDeclared ? 'declared text' : isUltrasound ? 'an ultrasound image' : 'a secondary capture';
  throw new BrokenFile(
    'burned-in-text',
    `DICOM: expected no text in the pixels, found ${what}; allow it after looking at the images`,
  );
}

interface Source {
  readonly data: Encoded;
  readonly pixels: Element;
  readonly module: PixelModule;
  readonly encoding: PixelEncoding;
  readonly from: Attributes;
  readonly kept: Encoded;
}

/** [frames, rows, columns, 1 or 3]; color as red, green and blue. */
async function readSamples(source: Source): Promise<RawImage['samples']> {
  const { data, pixels, module, encoding, from, kept } = source;
  const { photometric } = module;
  const palette = photometric === 'PALETTE COLOR' ? readPalette(from, kept, module.isSigned) : undefined;
  if (pixels.length !== undefined && encoding !== 'native') {
    throw new BrokenFile(
      'bad-header',
      'DICOM: expected fragments by the transfer syntax, found plain pixels',
    );
  }
  const { samples, isRgb } =
    pixels.length === undefined
      ? await readCompressed(data, pixels, { module, encoding })
      : { samples: readNative(data, pixels, module), isRgb: false };
  if (palette !== undefined) return applyPalette(samples, palette);
  if (isRgb || !photometric.startsWith('YBR')) return samples;
  if (!photometric.startsWith('YBR_FULL')) {
    throw new BrokenFile('bad-header', `DICOM: expected JPEG 2000 of ${photometric}, found another encoding`);
  }
  ybrToRgb(samples, module.bitsAllocated);
  return samples;
}

function describe(samples: RawImage['samples'], module: PixelModule, from: Attributes): RawImage {
  const isColor = module.photometric === 'PALETTE COLOR' || module.samplesPerPixel === 3;
  const { slope, intercept } = isColor ? { slope: 1, intercept: 0 } : rescale(from);
  return {
    frames: module.frames,
    height: module.rows,
    width: module.columns,
    channels: isColor ? 3 : 1,
    samples,
    slope,
    intercept,
    isInverted: module.photometric === 'MONOCHROME1',
    window: isColor ? undefined : windowOf(from),
    range: rangeOf(samples, module, { slope, intercept }),
    spacing: spacingOf(from),
    orientation: orientationOf(from),
  };
}

/** A functional group of the first frame, else of all frames (PS3.3 section C.7.6.16). */
function group(from: Attributes, tag: string): Attributes | undefined {
  return from.item('x52009230')?.item(tag) ?? from.item('x52009229')?.item(tag);
}

function rescale(from: Attributes): { slope: number; intercept: number } {
  const where = group(from, 'x00289145') ?? from;
  const slope = where.decimal('x00281053') ?? 1;
  const intercept = where.decimal('x00281052') ?? 0;
  if (!(Number.isFinite(slope) && slope !== 0 && Number.isFinite(intercept))) {
    throw new BrokenFile(
      'bad-header',
      'DICOM: expected a finite rescale slope other than 0 and a finite intercept',
    );
  }
  return { slope, intercept };
}

/**
 * The first window (PS3.3 section C.11.2.1.2): its default function maps values up to c − 0.5 − (w − 1)/2 to black and
 * those above c − 0.5 + (w − 1)/2 to white; LINEAR_EXACT, c − w/2 and c + w/2, which is taken for SIGMOID too.
 */
function windowOf(from: Attributes): RawImage['window'] {
  const where = group(from, 'x00289132') ?? from;
  const center = where.decimal('x00281050') ?? Number.NaN;
  const width = where.decimal('x00281051') ?? Number.NaN;
  const shape = where.text('x00281056') ?? 'LINEAR';
  if (!Number.isFinite(center) || !Number.isFinite(width)) return undefined;
  if (shape === 'LINEAR') {
    if (width < 1) return undefined;
    return { low: center - 0.5 - (width - 1) / 2, high: center - 0.5 + (width - 1) / 2 };
  }
  return width > 0 ? { low: center - width / 2, high: center + width / 2 } : undefined;
}

function rangeOf(
  samples: RawImage['samples'],
  module: PixelModule,
  scale: { readonly slope: number; readonly intercept: number },
): RawImage['range'] {
  if (samples instanceof Float32Array) return undefined;
  if (module.photometric === 'PALETTE COLOR') {
    return { low: 0, high: samples instanceof Uint8Array ? 255 : 65535 };
  }
  const stored = storedRange(module);
  const ends = [stored.low, stored.high].map((value) => value * scale.slope + scale.intercept);
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

/** Pixel spacing of the patient, else of the detector or the scanned film. */
function spacingOf(from: Attributes): RawImage['spacing'] {
  const candidates: [Attributes | undefined, string][] = [
    [from, 'x00280030'],
    [group(from, 'x00289110'), 'x00280030'],
    [from, 'x00181164'],
    [from, 'x00182010'],
  ];
  for (const [where, tag] of candidates) {
    const rows = where?.decimal(tag, 0) ?? Number.NaN;
    const columns = where?.decimal(tag, 1) ?? Number.NaN;
    if (rows > 0 && columns > 0 && Number.isFinite(rows * columns)) return [rows, columns];
  }
  return undefined;
}

function orientationOf(from: Attributes): RawImage['orientation'] {
  const where = group(from, 'x00209116') ?? from;
  const cosines = Array.from({ length: 6 }, (_, i) => where.decimal('x00200037', i) ?? Number.NaN);
  return planeOfRows(cosines.slice(0, 3), cosines.slice(3));
}
