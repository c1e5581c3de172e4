/** The formats of image files that are read. */
export const IMAGE_FORMATS = ['dicom', 'png', 'jpeg', 'tiff', 'nifti'] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** What the first bytes say, undefined if they are of no format that is read. Looks at no more than 348 bytes. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (startsWith(bytes, [0x44, 0x49, 0x43, 0x4d], 128)) return 'dicom';
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (startsWith(bytes, [0x49, 0x49, 0x2a, 0]) || startsWith(bytes, [0x4d, 0x4d, 0, 0x2a])) return 'tiff';
  if (isNifti(bytes) || startsWith(bytes, [0x1f, 0x8b])) return 'nifti';
  return isBareDicom(bytes) ? 'dicom' : undefined;
}

/** Whether a NIfTI-1 or NIfTI-2 header starts here: its own size, 348 or 540, in either byte order. */
export function isNifti(bytes: Uint8Array): boolean {
  return [348, 540].some(
    (size) =>
      startsWith(bytes, [size & 0xff, size >> 8, 0, 0]) || startsWith(bytes, [0, 0, size >> 8, size & 0xff]),
  );
}

/**
 * Whether a DICOM data set starts here without preamble: an element of group 2 or 8, little endian, or of group 8, big
 * endian with explicit value representation.
 */
export function isBareDicom(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  if ((bytes[0] === 2 || bytes[0] === 8) && bytes[1] === 0 && (bytes[3] as number) < 0x20) return true;
  return bytes[0] === 0 && bytes[1] === 8 && isCapital(bytes[4]) && isCapital(bytes[5]);
}

/** Whether a byte is one of A to Z, as both letters of a DICOM value representation are. */
export function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

function startsWith(bytes: Uint8Array, signature: readonly number[], at = 0): boolean {
  return bytes.length >= at + signature.length && signature.every((byte, i) => bytes[at + i] === byte);
}
