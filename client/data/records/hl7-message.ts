import { BrokenFile, type BrokenReason } from '../media/broken-file.ts';
import { readWhole } from './file-bytes.ts';
import type { RecordLimits } from './record-source.ts';

/** HL7 v2.5.1 chapter 2: the delimiters stand in the message itself. */
export interface Hl7Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  /** Empty: nothing is escaped. */
  readonly escaping: string;
  readonly subcomponent: string;
}

export interface Hl7Message {
  readonly delimiters: Hl7Delimiters;
  /** In their order, MSH first. `fields[0]` is the name; `fields[n]` is field n, as sent; of MSH, field n + 1. */
  readonly segments: readonly { readonly name: string; readonly fields: readonly string[] }[];
}

export type Hl7Item =
  | { readonly kind: 'message'; readonly message: Hl7Message }
  | { readonly kind: 'broken'; readonly reason: BrokenReason };

const START_BLOCK = '\x0b';
const END_BLOCK = '\x1c';

/**
 * The messages of a file, one after the other, bare or in MLLP frames, inside of batches or not; segments end in CR, LF
 * or both. Texts are UTF-8, or Latin-1 where MSH-18 says `8859/1`. A message that cannot be used is broken alone.
 * @throws BrokenFile for a file that is damaged, too large, or holds no message.
 */
export async function* readMessages(
  path: string,
  limits: RecordLimits,
): AsyncGenerator<Hl7Item, void, undefined> {
  const bytes = await readWhole(path, limits);
  // One character per byte, so that structure is found before texts are decoded.
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  const starts = messageStarts(text);
  if (starts.length === 0) throw new BrokenFile('wrong-format', 'expected MSH segments, got none');
  for (const [i, start] of starts.entries()) {
    const isFramed = text[start - 1] === START_BLOCK;
    const raw = text.slice(start, starts[i + 1] ?? text.length);
    const end = raw.indexOf(END_BLOCK);
    if (isFramed && end < 0) yield { kind: 'broken', reason: 'truncated' };
    else yield readMessage(end < 0 ? raw : raw.slice(0, end), limits);
  }
}

/** Where MSH begins a segment. */
function messageStarts(text: string): number[] {
  const starts: number[] = [];
  for (let at = text.indexOf('MSH'); at >= 0; at = text.indexOf('MSH', at + 3)) {
    const before = text[at - 1];
    if (before === undefined || before === '\r' || before === '\n' || before === START_BLOCK) starts.push(at);
  }
  return starts;
}

function readMessage(raw: string, limits: RecordLimits): Hl7Item {
  if (raw.length > limits.lineBytes) return { kind: 'broken', reason: 'too-large' };
  const delimiters = delimitersOf(raw);
  if (delimiters === undefined) return { kind: 'broken', reason: 'bad-header' };
  const text = decode(raw, delimiters);
  if (text === undefined) return { kind: 'broken', reason: 'wrong-format' };
  const segments = text
    .replaceAll(START_BLOCK, '')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const fields = line.split(delimiters.field);
      return { name: fields[0] ?? '', fields };
    });
  if (segments.some(({ name }) => !/^[A-Z][A-Z0-9]{2}$/.test(name)))
    return { kind: 'broken', reason: 'wrong-format' };
  return { kind: 'message', message: { delimiters, segments } };
}

/** Undefined where MSH-1 and MSH-2 name no delimiters, or one twice. */
function delimitersOf(raw: string): Hl7Delimiters | undefined {
  const field = raw[3] ?? '';
  const encoding = raw.slice(4).split(field, 1)[0] ?? '';
  const [component = '', repetition = '', escaping = '', subcomponent = ''] = encoding;
  const used = [field, ...encoding];
  const isPunctuation = used.every((character) => /^[!-/:-@[-`{-~]$/.test(character));
  if (encoding.length < 1 || encoding.length > 5 || !isPunctuation || new Set(used).size !== used.length) {
    return undefined;
  }
  return { field, component, repetition, escaping, subcomponent };
}

function decode(raw: string, { field }: Hl7Delimiters): string | undefined {
  const isLatin =
    raw
      .split(/[\r\n]/, 1)[0]
      ?.split(field)[17]
      ?.startsWith('8859/1') === true;
  if (isLatin) return raw;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(raw, 'latin1'));
  } catch {
    return undefined;
  }
}
