import { BrokenFile } from '../media/broken-file.ts';
import type { RecordLimits } from './record-source.ts';

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;

/**
 * JSON as {@link JSON.parse} reads it, less what that lets through: a key that comes twice, the key `__proto__`, deep
 * nesting, and more members than the limit. Depth and members are counted before anything is built.
 * @param bytes UTF-8, with or without a byte order mark.
 * @throws BrokenFile `truncated`, `wrong-format` or `too-large`.
 */
export function parseStrictJson(bytes: Uint8Array, limits: RecordLimits): unknown {
  const outline = outlineOf(bytes, limits);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    // The parser's own message quotes the text, so it is not kept.
    if (outline.isOpen)
      throw new BrokenFile('truncated', 'expected the end of the JSON, got the end of the bytes');
    const found = cause instanceof SyntaxError ? 'malformed JSON' : 'text that is not UTF-8';
    throw new BrokenFile('wrong-format', `expected JSON, got ${found}`);
  }
  // JSON.parse keeps the last of equal keys: the tree then has fewer members than the text has colons.
  if (countKeys(value) !== outline.colons) {
    throw new BrokenFile('wrong-format', 'expected each key of an object once, got one twice');
  }
  return value;
}

/** One pass over the bytes; the characters that matter are ASCII, which no longer sequence of UTF-8 contains. */
function outlineOf(bytes: Uint8Array, limits: RecordLimits): { colons: number; isOpen: boolean } {
  let depth = 0;
  let colons = 0;
  let commas = 0;
  let isText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (isText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === COLON) colons++;
    else if (byte === COMMA) commas++;
    // `[` and `{` differ in one bit, and so do `]` and `}`.
    else if ((byte | 32) === 123) depth++;
    else if ((byte | 32) === 125) depth--;
    if (depth > limits.depth) {
      throw new BrokenFile('too-large', `expected at most ${limits.depth} levels of nesting, got more`);
    }
  }
  if (colons + commas > limits.members) {
    throw new BrokenFile('too-large', `expected at most ${limits.members} members, got more`);
  }
  return { colons, isOpen: isText || depth > 0 };
}

function countKeys(root: unknown): number {
  let count = 0;
  const waiting: unknown[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) {
      const keys = Object.keys(value);
      if (keys.includes('__proto__')) {
        throw new BrokenFile('wrong-format', 'expected the names of FHIR as keys, got __proto__');
      }
      count += keys.length;
    }
    for (const inner of Object.values(value)) if (typeof inner === 'object') waiting.push(inner);
  }
  return count;
}
