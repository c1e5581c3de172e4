import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModalityValues, PART, type SiteCohort } from '../../client/data/cohort.ts';
import type { DecodeTask } from '../../client/data/media/decode-task.ts';
import type { MediaSource } from '../../client/data/media/media-source.ts';
import { modalityId, siteId } from '../../shared/core/ids.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';
import { dicomFile, pngFile, wfdbRecord } from './media-files.ts';

/** One kind of file and what the study makes of it: images stay as large as they are, recordings as long. */
export type MediaSize =
  | {
      readonly kind: 'image';
      readonly height: number;
      readonly width: number;
      readonly channels: 1 | 3;
      readonly format: 'png' | 'dicom';
    }
  | {
      readonly kind: 'signal';
      readonly samples: number;
      readonly channels: number;
      readonly format: 'wfdb';
    };

export const MEDIA = modalityId('media');

const RATE_HZ = 100;
const ENDING = { png: '.png', dicom: '.dcm', wfdb: '.hea' } as const;

/** `28×28×3 png`, or `12×1000 wfdb`: leads × samples. */
export function nameOf(size: MediaSize): string {
  return size.kind === 'image'
    ? `${size.height}×${size.width}×${size.channels} ${size.format}`
    : `${size.channels}×${size.samples} ${size.format}`;
}

/** Two classes, one modality, and the defaults of every study, without modality dropout. */
export function mediaStudy(
  size: MediaSize,
  options: { readonly batch: number; readonly epochs: number },
): Study {
  const shape =
    size.kind === 'image'
      ? `height: ${size.height}, width: ${size.width}, channels: ${size.channels}`
      : `samples: ${size.samples}, channels: ${size.channels}, rateHz: ${RATE_HZ}`;
  const text = `
study: media
task: { kind: binary, label: label }
modalities:
  media: { kind: ${size.kind}, ${shape} }
training: { epochs: ${options.epochs}, batch: ${options.batch}, modalityDropout: 0 }
merge: { minHolders: 1, minPatients: 1 }
evaluation: { split: { test: 0, validation: 0 } }
`;
  return parseStudy(text, 'media.yaml');
}

/** The study's one modality. */
export function mediaModality(study: Study): DecodeTask['modality'] {
  const [modality] = study.modalities;
  if (modality?.kind !== 'image' && modality?.kind !== 'signal')
    throw new Error('media task: expected files');
  return modality;
}

/** `p1`, `p2`, …: a patient has the file of that name. */
export function patientIdsOf(patients: number): string[] {
  return Array.from({ length: patients }, (_, i) => `p${i + 1}`);
}

/** Path of a patient's file below the folder: a thousand files in each. */
export function pathOf(size: MediaSize, index: number): string {
  return `${Math.floor(index / 1000)}/p${index + 1}${ENDING[size.format]}`;
}

/** Writes a file for each patient. @param folder exists. @returns its real path. */
export function writeMedia(folder: string, size: MediaSize, patients: number): string {
  for (let seed = 0; seed < patients; seed++) {
    const path = join(folder, pathOf(size, seed));
    if (seed % 1000 === 0) mkdirSync(join(path, '..'), { recursive: true });
    if (size.kind === 'image') {
      writeFileSync(path, size.format === 'png' ? pngFile({ ...size, seed }) : dicomFile({ ...size, seed }));
    } else {
      const { samples: length, channels: leads } = size;
      const { header, samples } = wfdbRecord({
        name: `p${seed + 1}`,
        samples: length,
        leads,
        rateHz: RATE_HZ,
        seed,
      });
      writeFileSync(path, header);
      writeFileSync(path.replace(/\.hea$/, '.dat'), samples);
    }
  }
  return realpathSync(folder);
}

/** Where a site file would say that the patients' files are. */
export function mediaSourceOf(size: MediaSize): MediaSource {
  const patterns = [`*/{patient}${ENDING[size.format]}`];
  return {
    from: { kind: 'found', patterns, patient: 'path' },
    format: size.format,
    allowBurnedIn: false,
    csv: undefined,
  };
}

/** A site with this modality, every patient in training, the classes in turn. */
export function mediaCohort(patientIds: readonly string[], values: ModalityValues): SiteCohort {
  return {
    site: siteId('benchmark'),
    patientIds,
    labels: { kind: 'class', values: Int32Array.from(patientIds, (_, i) => i % 2), classes: 2 },
    part: new Uint8Array(patientIds.length).fill(PART.train),
    modalities: new Map([[MEDIA, values]]),
    groups: new Map(),
  };
}
