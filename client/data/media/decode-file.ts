import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { decodeImage } from '../images/decode-image.ts';
import type { ImageFormat } from '../images/file-format.ts';
import { prepareImage } from '../images/prepare-image.ts';
import { IMAGE_LIMITS, type RawImage } from '../images/raw-image.ts';
import { locateFile } from '../locate-file.ts';
import { prepareSignal } from '../signals/prepare-signal.ts';
import { type RawSignal, SIGNAL_LIMITS } from '../signals/raw-signal.ts';
import { readEdf } from '../signals/read-edf.ts';
import { readSignalCsv } from '../signals/read-signal-csv.ts';
import { readWfdb } from '../signals/read-wfdb.ts';
import { decodeWfdbHeader } from '../signals/wfdb-header.ts';
import { BrokenFile } from './broken-file.ts';
import type { DecodeAnswer, DecodeTask, MediaFacts } from './decode-task.ts';

/** Reads one file as the encoder takes it. Never rejects for what is in the file or how it lies. */
export async function decodeFile(task: DecodeTask): Promise<DecodeAnswer> {
  try {
    return task.modality.kind === 'image' ? await decodeOneImage(task) : await decodeOneSignal(task);
  } catch (error) {
    if (error instanceof BrokenFile) return { ok: false, reason: error.reason, message: error.message };
    throw error;
  }
}

async function decodeOneImage(task: DecodeTask): Promise<DecodeAnswer> {
  const { modality } = task;
  if (modality.kind !== 'image') throw new BrokenFile('wrong-format', 'expected an image');
  const bytes = await readInside(task.folder, task.path, IMAGE_LIMITS.bytes);
  const { image, patientId } = await decodeImage(bytes, {
    format: task.format as ImageFormat | 'auto',
    allowBurnedIn: task.allowBurnedIn,
    readPatientId: task.readPatientId,
  });
  const { height, width, channels, instances, input } = modality;
  const rows = prepareImage(image, {
    ...input,
    height,
    width,
    channels: channels === 3 ? 3 : 1,
    instances,
    intensity:
      typeof input.intensity === 'string'
        ? input.intensity
        : { low: input.intensity[0], high: input.intensity[1] },
  });
  return answer(sha256(bytes), rows, imageFacts(image), patientId);
}

async function decodeOneSignal(task: DecodeTask): Promise<DecodeAnswer> {
  const { modality } = task;
  if (modality.kind !== 'signal') throw new BrokenFile('wrong-format', 'expected a recording');
  const read: Uint8Array[] = [];
  const raw = await readSignal(task, read);
  const { samples, channels, rateHz, instances, input } = modality;
  const prepared = prepareSignal(raw, { samples, channels, rateHz, instances, ...input });
  const facts = { ...signalFacts(raw), 'missing leads': prepared.missingLeads.join(' ') || 'none' };
  return answer(sha256(...read.flatMap((bytes) => [`${bytes.length}:`, bytes])), prepared.instances, facts);
}

/** @param read takes every byte that the recording is made of. */
async function readSignal(task: DecodeTask, read: Uint8Array[]): Promise<RawSignal> {
  const { folder, format } = task;
  const kind = format === 'auto' ? signalFormat(task.path) : format;
  const open = async (path: string, mostBytes: number) => {
    const bytes = await readInside(folder, path, mostBytes);
    read.push(bytes);
    return bytes;
  };
  switch (kind) {
    case 'wfdb': {
      const header = /\.hea$/i.test(task.path) ? task.path : `${task.path}.hea`;
      const text = decodeWfdbHeader(await open(header, SIGNAL_LIMITS.bytes));
      return readWfdb(text, (name, mostBytes) => open(join(dirname(header), name), mostBytes));
    }
    case 'edf':
      return readEdf(await open(task.path, SIGNAL_LIMITS.bytes));
    case 'csv':
      if (task.csv !== undefined) return readSignalCsv(await open(task.path, SIGNAL_LIMITS.bytes), task.csv);
      throw new BrokenFile('unsupported', 'expected csv: {rateHz: …} in the site file for a CSV recording');
    default:
      throw new BrokenFile('wrong-format', 'expected .hea, .edf, .bdf or .csv, got another ending');
  }
}

function signalFormat(path: string): 'wfdb' | 'edf' | 'csv' | undefined {
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

async function readInside(folder: string, path: string, mostBytes: number): Promise<Uint8Array> {
  const located = locateFile(folder, path);
  switch (located.kind) {
    case 'outside':
      throw new BrokenFile('outside-folder', 'expected a file inside of the data folder, got one outside');
    case 'unreadable':
    case 'no-file':
      throw new BrokenFile('unreadable', 'expected a file that can be read, got none');
    case 'file': {
      try {
        const { size } = await stat(located.real);
        if (size > mostBytes)
          throw new BrokenFile('too-large', `expected at most ${mostBytes} bytes, got ${size}`);
        return await readFile(located.real);
      } catch (cause) {
        if (cause instanceof BrokenFile) throw cause;
        throw new BrokenFile('unreadable', 'expected a file that can be read, got none');
      }
    }
  }
}

function answer(
  content: string,
  instances: readonly Float32Array[],
  facts: MediaFacts,
  patientId?: string,
): DecodeAnswer {
  const length = instances[0]?.length ?? 0;
  const rows = new Float32Array(instances.length * length);
  instances.forEach((values, i) => {
    rows.set(values, i * length);
  });
  return { ok: true, content, rows, count: instances.length, facts, patientId };
}

function imageFacts({ height, width, frames, spacing, orientation }: RawImage): MediaFacts {
  return {
    size: `${width} × ${height}${frames > 1 ? ` × ${frames}` : ''}`,
    spacing: spacing === undefined ? 'unknown' : `${spacing.map((mm) => mm.toFixed(2)).join(' × ')} mm`,
    orientation: orientation ?? 'unknown',
  };
}

function signalFacts({ leads }: RawSignal): MediaFacts {
  const rates = [...new Set(leads.map((lead) => lead.rateHz))].sort((a, b) => a - b);
  const longest = Math.max(0, ...leads.map((lead) => lead.values.length / lead.rateHz));
  return {
    'sampling rate': `${rates.join(' and ')} Hz`,
    leads: String(leads.length),
    length: `${Math.round(longest)} s`,
  };
}
