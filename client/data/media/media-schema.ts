import { z } from 'zod';
import { path, paths, text } from '../site-schema-parts.ts';

/** Keys of a modality of the site file that is made of files or of free text. `error` texts complete "expected …". */

export const MEDIA_FORMATS = [
  'auto',
  'dicom',
  'png',
  'jpeg',
  'tiff',
  'nifti',
  'wfdb',
  'edf',
  'csv',
  'text',
] as const;

export const mediaKeys = {
  /** Patterns below the data folder; `{patient}` stands where the patient's id is. */
  files: paths.optional(),
  /** DICOM: the id is in the file. */
  patient: z.literal('header', { error: 'header, or {patient} in files' }).optional(),
  /** Column of paths, below `folder`. */
  path: text.optional(),
  folder: path.optional(),
  /** Column of free text. */
  text: text.optional(),
  /** Column by which a patient's rows are sorted; numbers by size, else as text. */
  order: text.optional(),
  format: z.enum(MEDIA_FORMATS).optional(),
  /** DICOM: ultrasound, secondary captures and images that say that text is burned in. */
  burnedInText: z.enum(['refuse', 'allow']).optional(),
  /** CSV recordings. */
  csv: z
    .strictObject({
      rateHz: z.number().positive().optional(),
      times: text.optional(),
      timeUnit: z.enum(['s', 'ms']).default('s'),
      unit: text.optional(),
      separator: z.enum([',', ';', '\t']).default(','),
    })
    .refine((entry) => (entry.rateHz === undefined) !== (entry.times === undefined), {
      error: 'one of rateHz and times',
    })
    .optional(),
};

export const mediaSchema = z.object(mediaKeys);

export type MediaEntry = z.output<typeof mediaSchema>;
