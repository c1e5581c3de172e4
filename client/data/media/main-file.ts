import { extname } from 'node:path';
import type { DecodeTask } from './decode-task.ts';

/** The format that the ending of a recording's path stands for; undefined for one that is no recording. */
export function signalFormat(path: string): 'wfdb' | 'edf' | 'csv' | undefined {
  switch (extname(path).toLowerCase()) {
    case '.hea':
    case '':
      return 'wfdb';
    case '.edf':
    case '.bdf':
      return 'edf';
    case '.csv':
    case '.tsv':
      return 'csv';
    default:
      // A WFDB record is named without ending, and may have a point in it.
      return /\.(dat|txt|json|xml|zip)$/i.test(path) ? undefined : 'wfdb';
  }
}

/** The file that is opened first: of a WFDB record that is named without ending, its header. */
export function mainFile({
  modality,
  format,
  path,
}: Pick<DecodeTask, 'modality' | 'format' | 'path'>): string {
  if (modality.kind !== 'signal' || /\.hea$/i.test(path)) return path;
  return (format === 'auto' ? signalFormat(path) : format) === 'wfdb' ? `${path}.hea` : path;
}
