import type { RawImage } from './raw-image.ts';

/** What one file holds. */
export interface DecodedImage {
  readonly image: RawImage;
  /** Of a DICOM file, if asked for and present. It identifies: it must not leave the site or reach a log. */
  readonly patientId?: string;
  /** InstanceNumber of a DICOM file, the order of slices. */
  readonly instance?: number;
}
