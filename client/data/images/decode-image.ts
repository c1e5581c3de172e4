import { BrokenFile } from '../media/broken-file.ts';
import type { DecodedImage } from './decoded-image.ts';
import { readDicom } from './dicom/read-dicom.ts';
import { type ImageFormat, sniffFormat } from './file-format.ts';
import { readNifti } from './nifti.ts';
import { readRaster } from './raster/read-raster.ts';
import { IMAGE_LIMITS, type ImageLimits } from './raw-image.ts';

export interface DecodeOptions {
  /** What the site file says of the folder; `auto` looks at the first bytes. */
  readonly format: ImageFormat | 'auto';
  /** Default {@link IMAGE_LIMITS}. */
  readonly limits?: ImageLimits;
  /** DICOM: read ultrasound, secondary captures and images that declare burned-in text. Default false. */
  readonly allowBurnedIn?: boolean;
  /** DICOM: return the patient's identifier, for a join at the site. Default false. */
  readonly readPatientId?: boolean;
}

/**
 * Reads the image or stack of images in one file.
 * @param bytes the whole file. Borrowed; the image shares no memory with it.
 * @throws BrokenFile, and nothing else: whatever a library throws is dropped, because it may hold parts of the file.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedImage> {
  const { format, limits = IMAGE_LIMITS, allowBurnedIn = false, readPatientId = false } = options;
  if (bytes.length === 0) throw new BrokenFile('empty', 'expected an image, found a file of 0 bytes');
  if (bytes.length > limits.bytes) {
    throw new BrokenFile(
      'too-large',
      `expected a file of at most ${limits.bytes} bytes, found ${bytes.length}`,
    );
  }
  const found = sniffFormat(bytes);
  const wanted = format === 'auto' ? found : format;
  // A data set without preamble shows too little to be told from a damaged one; its reader decides.
  if (wanted === undefined || (wanted !== found && wanted !== 'dicom')) {
    throw new BrokenFile(
      'wrong-format',
      `expected ${format === 'auto' ? 'DICOM, PNG, JPEG, TIFF or NIfTI' : format}, found ${found ?? 'another format'}`,
    );
  }
  try {
    // Not a Buffer, whose slice() would share memory with the file.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (wanted === 'dicom') return await readDicom(plain, { limits, allowBurnedIn, readPatientId });
    if (wanted === 'nifti') return { image: readNifti(plain, limits) };
    return { image: await readRaster(plain, wanted, { limits }) };
  } catch (error) {
    if (error instanceof BrokenFile) throw error;
    throw new BrokenFile('bad-header', `${wanted}: expected a file that can be read, found one that cannot`);
  }
}
