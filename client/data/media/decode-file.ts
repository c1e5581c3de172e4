import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
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
import type { DecodeAnswer, DecodeTask, MediaFacts, OtherFile } from './decode-task.ts';
import { fileState } from './file-state.ts';
import { mainFile, signalFormat } from './main-file.ts';

/** Reads one file as the encoder takes it. Never rejects for what is in the file or how it lies. */
export async function decodeFile(task: DecodeTask): Promise<DecodeAnswer> {
  const others: OtherFile[] = [];
  try {
    return task.modality.kind === 'image' ? await decodeOneImage(task) : await decodeOneSignal(task, others);
  } catch (error) {
    if (error instanceof BrokenFile)
      return { ok: false, reason: error.reason, message: error.message, others };
    // One file in a hundred thousand must not end a run, whichever way the reader fails on it.
    const name = error instanceof Error ? error.name : typeof error;
    return { ok: false, reason: 'reader-failed', message: `expected to be read, got ${name}`, others };
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
  return {
    ...packed(rows),
    content: sha256(bytes),
    facts: imageFacts(image),
    patientId: task.readPatientId ? (patientId ?? '').trim() : undefined,
    others: [],
  };
}

async function decodeOneSignal(task: DecodeTask, others: OtherFile[]): Promise<DecodeAnswer> {
  const { modality } = task;
  if (modality.kind !== 'signal') throw new BrokenFile('wrong-format', 'expected a recording');
  const read: Uint8Array[] = [];
  const raw = await readSignal(task, read, others);
  const { samples, channels, rateHz, instances, input } = modality;
  const prepared = prepareSignal(raw, { samples, channels, rateHz, instances, ...input });
  return {
    ...packed(prepared.instances),
    content: sha256(...read.flatMap((bytes) => [`${bytes.length}:`, bytes])),
    facts: { ...signalFacts(raw), 'missing leads': prepared.missingLeads.join(' ') || 'none' },
    patientId: undefined,
    others,
  };
}

/**
 * @param read takes every byte that the recording is made of.
 * @param others takes every file that was looked for beside the one of the task, also one that is not there.
 */
async function readSignal(task: DecodeTask, read: Uint8Array[], others: OtherFile[]): Promise<RawSignal> {
  const { folder, format } = task;
  const main = mainFile(task);
  const home = dirname(main);
  const open = async (path: string, mostBytes: number) => {
    if (path !== main) others.push({ path: relative(home, path), state: fileState(folder, path) });
    const bytes = await readInside(folder, path, mostBytes);
    read.push(bytes);
    return bytes;
  };
  switch (format === 'auto' ? signalFormat(task.path) : format) {
    case 'wfdb': {
      const text = decodeWfdbHeader(await open(main, SIGNAL_LIMITS.bytes));
      return readWfdb(text, (name, mostBytes) => open(join(home, name), mostBytes));
    }
    case 'edf':
      return readEdf(await open(main, SIGNAL_LIMITS.bytes));
    case 'csv':
      if (task.csv !== undefined) return readSignalCsv(await open(main, SIGNAL_LIMITS.bytes), task.csv);
      throw new BrokenFile('unsupported', 'expected csv: {rateHz: …} in the site file for a CSV recording');
    default:
      throw new BrokenFile('wrong-format', 'expected .hea, .edf, .bdf or .csv, got another ending');
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
      const { real, sizeBytes } = located;
      if (!(sizeBytes <= mostBytes))
        throw new BrokenFile('too-large', `expected at most ${mostBytes} bytes, got ${sizeBytes}`);
      return readFile(real).catch((cause: unknown) => {
        throw new BrokenFile('unreadable', 'expected a file that can be read, got none', { cause });
      });
    }
  }
}

/** One after the other. */
function packed(instances: readonly Float32Array[]) {
  const length = instances[0]?.length ?? 0;
  const rows = new Float32Array(instances.length * length);
  instances.forEach((values, i) => {
    rows.set(values, i * length);
  });
  return { ok: true, rows, count: instances.length } as const;
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
