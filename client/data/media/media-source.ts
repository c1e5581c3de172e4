import type { Fault } from '../../../shared/config/faults.ts';
import type { YamlFile } from '../../../shared/config/yaml-file.ts';
import type { FrozenEncoder } from '../../../shared/study/modality-input.ts';
import type { Modality } from '../../../shared/study/study.ts';
import type { SignalCsvOptions } from '../signals/read-signal-csv.ts';
import type { MEDIA_FORMATS, MediaEntry } from './media-schema.ts';

export type MediaFormat = (typeof MEDIA_FORMATS)[number];

/** The modalities that files or free text make. */
export type MediaModality = Extract<Modality, { kind: 'image' | 'signal' | 'text' }> | FrozenModality;

/** Vectors that the study's own encoder makes of notes. */
export type FrozenModality = Extract<Modality, { kind: 'embedding' }> & { readonly frozen: FrozenEncoder };

/** How a site's files or texts become a modality. */
export interface MediaSource {
  readonly from: MediaOrigin;
  readonly format: MediaFormat;
  /** DICOM: read what may have text burned into its pixels. */
  readonly allowBurnedIn: boolean;
  readonly csv: SignalCsvOptions | undefined;
}

export type MediaOrigin =
  /** Files found below the data folder; their patient is in the path where the pattern says `{patient}`. */
  | { readonly kind: 'found'; readonly patterns: readonly string[]; readonly patient: 'path' | 'header' }
  /** Files named by a column of the modality's rows, of which a patient may have several. */
  | {
      readonly kind: 'listed';
      readonly column: string;
      readonly folder: string;
      readonly order: string | undefined;
    }
  /** The texts themselves, in a column. */
  | { readonly kind: 'texts'; readonly column: string; readonly order: string | undefined };

/** The keys of {@link MediaEntry} that a tabular or embedding modality must not have. */
export const MEDIA_KEYS = [
  'files',
  'patient',
  'path',
  'folder',
  'text',
  'order',
  'format',
  'burnedInText',
  'csv',
] as const;

const FORMATS: Readonly<Record<MediaModality['kind'], readonly MediaFormat[]>> = {
  image: ['auto', 'dicom', 'png', 'jpeg', 'tiff', 'nifti'],
  signal: ['auto', 'wfdb', 'edf', 'csv'],
  text: ['auto', 'text'],
  embedding: ['auto', 'text'],
};

export function isMedia(modality: Modality): modality is MediaModality {
  switch (modality.kind) {
    case 'tabular':
      return false;
    case 'embedding':
      return modality.frozen !== undefined;
    default:
      return true;
  }
}

/** Whether notes make it. */
function isOfNotes({ kind }: MediaModality): boolean {
  return kind === 'text' || kind === 'embedding';
}

/** Undefined, and faults, where the entry does not say where the modality comes from. */
export function mediaSource(
  modality: MediaModality,
  entry: MediaEntry,
  place: { readonly path: readonly string[]; readonly yaml: YamlFile; readonly faults: Fault[] },
): MediaSource | undefined {
  const { path, yaml, faults } = place;
  const fault = (key: string, expected: string, found: string) =>
    faults.push(yaml.fault([...path, key], expected, found));
  const before = faults.length;
  const format = entry.format ?? 'auto';
  if (!FORMATS[modality.kind].includes(format)) {
    fault('format', `${FORMATS[modality.kind].join(', ')} for a modality of kind ${modality.kind}`, format);
  }
  if (entry.csv !== undefined && modality.kind !== 'signal') {
    fault('csv', 'no such key: only a signal is read from CSV', 'csv');
  }
  if (format === 'csv' && entry.csv === undefined) {
    faults.push(yaml.fault(path, 'csv: {rateHz: …} or csv: {times: …} for CSV recordings', 'none', 'key'));
  }
  const from = origin(modality, entry, place);
  if (from === undefined || faults.length > before) return undefined;
  return { from, format, allowBurnedIn: entry.burnedInText === 'allow', csv: csvOptions(entry.csv) };
}

function origin(
  modality: MediaModality,
  entry: MediaEntry,
  place: { readonly path: readonly string[]; readonly yaml: YamlFile; readonly faults: Fault[] },
): MediaOrigin | undefined {
  const { path, yaml, faults } = place;
  const { files, text, order } = entry;
  const ways = isOfNotes(modality) ? 'files, path or text' : 'files or path';
  const given = [files, entry.path, text].filter((way) => way !== undefined).length;
  if (given !== 1 || (text !== undefined && !isOfNotes(modality))) {
    const found = given === 1 ? 'text' : given === 0 ? 'neither' : 'several';
    faults.push(yaml.fault(path, `one of ${ways} for a modality of kind ${modality.kind}`, found, 'key'));
    return undefined;
  }
  if (text !== undefined) return { kind: 'texts', column: text, order };
  if (entry.path !== undefined)
    return { kind: 'listed', column: entry.path, folder: entry.folder ?? '', order };
  const patterns = typeof files === 'string' ? [files] : (files ?? []);
  if (entry.patient === 'header') {
    if (modality.kind === 'image') return { kind: 'found', patterns, patient: 'header' };
    const found = `header for one of kind ${modality.kind}`;
    faults.push(
      yaml.fault([...path, 'patient'], 'a modality of kind image, since only DICOM says it', found),
    );
    return undefined;
  }
  for (const [i, pattern] of patterns.entries()) {
    if (pattern.split('{patient}').length === 2) continue;
    const at = typeof files === 'string' ? 'files' : i;
    const where = typeof files === 'string' ? [...path, at] : [...path, 'files', at];
    const header = modality.kind === 'image' ? ', or patient: header' : '';
    faults.push(yaml.fault(where, `{patient} once, where the patient's id is${header}`, pattern));
  }
  return { kind: 'found', patterns, patient: 'path' };
}

function csvOptions(entry: MediaEntry['csv']): SignalCsvOptions | undefined {
  if (entry === undefined) return undefined;
  const { rateHz, times, timeUnit, unit, separator } = entry;
  return {
    rate:
      rateHz === undefined
        ? { kind: 'times', column: times ?? '', unit: timeUnit }
        : { kind: 'hertz', hertz: rateHz },
    separator,
    ...(unit === undefined ? {} : { unit }),
  };
}
