import { BrokenFile } from '../media/broken-file.ts';
import { type RawSignal, SIGNAL_LIMITS, type SignalLimits } from './raw-signal.ts';
import { parseWfdbHeader } from './wfdb-header.ts';
import { readWfdbRecord } from './wfdb-record.ts';
import { readWfdbSegments } from './wfdb-segments.ts';

/**
 * The bytes of a file beside the header. MUST throw `BrokenFile` for a file that cannot be had or is larger than
 * `mostBytes`, and refuse links out of the data folder. `name` holds no separator and no `..`.
 */
export type OpenBeside = (name: string, mostBytes: number) => Promise<Uint8Array>;

/**
 * Reads a WFDB record: formats 0, 8, 16, 24, 32, 61, 80, 160, 212, 310 and 311, one or several signal files, segments of
 * fixed or variable layout. Nothing of comments, times, dates, record or file names is kept, in errors neither.
 * @param header text of the `.hea` file, as `decodeWfdbHeader` gives it.
 * @throws BrokenFile `wrong-format`, `truncated`, `bad-header` (also for samples that miss their checksum; a checksum of
 * 0 is none), `unsupported`, `too-large`, `outside-folder`, `empty`, and what `open` throws.
 */
export async function readWfdb(
  header: string,
  open: OpenBeside,
  limits: SignalLimits = SIGNAL_LIMITS,
): Promise<RawSignal> {
  const parsed = parseWfdbHeader(header, limits);
  let left = limits.bytes - header.length;
  const openWithin = async (name: string) => {
    const bytes = await open(name, Math.max(0, left));
    left -= bytes.length;
    if (left >= 0) return bytes;
    throw new BrokenFile('too-large', `WFDB record: expected at most ${limits.bytes} bytes, got more`);
  };
  const leads =
    parsed.kind === 'record'
      ? await readWfdbRecord(parsed, openWithin, limits)
      : await readWfdbSegments(parsed, openWithin, limits);
  if (leads.some((lead) => lead.values.length > 0)) return { leads };
  throw new BrokenFile('empty', 'WFDB record: expected samples, got none');
}
