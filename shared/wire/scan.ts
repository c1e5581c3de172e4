import { isUtf8 } from 'node:buffer';
import { SCAN_TABLE } from './generated/scan-table.ts';
import type { ScanField, ScanTable } from './scan-field.ts';
import { wireInvalid } from './wire-invalid.ts';

export type MessageName = keyof typeof SCAN_TABLE;

/** Fields of a message, those of messages inside it included; 4 MiB of empty ones would decode into 100 times that. */
export const MAX_FIELDS = 4096;
export const MAX_LEVELS = 16;
/** Fields that a later release may have added. */
export const MAX_UNKNOWN_FIELDS = 16;

/** Wire types: protobuf.dev/programming-guides/encoding, "Message Structure". */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** Where the scan is, and what it has used up; changed in place. */
interface Progress {
  readonly table: ScanTable;
  readonly bytes: Uint8Array;
  readonly maxFields: number;
  /** Names of the messages and fields around the place, for the refusal. */
  readonly path: string[];
  at: number;
  fields: number;
  unknown: number;
}

/**
 * Reads through an encoded message without decoding any of it, in one pass and without allocating for its contents.
 * What passes decodes into memory in proportion to its length and `maxFields`.
 * @param options.maxFields {@link MAX_FIELDS} unless given.
 * @throws ConsiliumError `WIRE_INVALID`: too many fields, levels or unknown fields; groups; field 0; over-long
 * varints; numbers and lengths out of range; wrong wire types; invalid UTF-8; a field that occurs too often.
 */
export function scan(
  message: MessageName,
  bytes: Uint8Array,
  options: { readonly maxFields?: number } = {},
): void {
  scanBy(SCAN_TABLE, message, bytes, options);
}

/** As {@link scan}, for a contract other than ours. */
export function scanBy(
  table: ScanTable,
  message: string,
  bytes: Uint8Array,
  { maxFields = MAX_FIELDS }: { readonly maxFields?: number } = {},
): void {
  const progress: Progress = { table, bytes, maxFields, path: [message], at: 0, fields: 0, unknown: 0 };
  scanMessage(progress, message, bytes.length);
}

function scanMessage(progress: Progress, message: string, end: number): void {
  // A message takes up one entry of the path, the field that holds it another.
  if ((progress.path.length + 1) / 2 > MAX_LEVELS)
    throw refuse(progress, `expected at most ${MAX_LEVELS} levels`);
  const fields = progress.table[message] as ScanTable[string];
  const counts = new Map<number | string, number>();
  while (progress.at < end) {
    progress.fields += 1;
    if (progress.fields > progress.maxFields) {
      throw refuse(progress, `expected at most ${progress.maxFields} fields, got more`);
    }
    const tag = varint(progress, end, 2 ** 32 - 1);
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (number === 0) throw refuse(progress, 'expected a field, got field 0');
    const field = fields[number];
    if (field === undefined) {
      skipUnknown(progress, wireType, end);
      continue;
    }
    progress.path.push(field.name);
    count(progress, field, counts, number);
    scanField(progress, field, wireType, end);
    progress.path.pop();
  }
}

function count(
  progress: Progress,
  field: ScanField,
  counts: Map<number | string, number>,
  number: number,
): void {
  const key = field.oneof ?? number;
  const before = counts.get(key) ?? 0;
  const most = field.maxItems ?? 1;
  if (before >= most) throw refuse(progress, `expected at most ${most}, got more`);
  counts.set(key, before + 1);
}

function scanField(progress: Progress, field: ScanField, wireType: number, end: number): void {
  const expected = wireTypeOf(field.kind);
  if (wireType !== expected) throw refuse(progress, `expected wire type ${expected}, got ${wireType}`);
  switch (field.kind) {
    case 'bool':
      varint(progress, end, 1);
      return;
    case 'uint32':
      varint(progress, end, 2 ** 32 - 1);
      return;
    case 'uint64':
      varint(progress, end, Number.MAX_SAFE_INTEGER);
      return;
    case 'double':
      skip(progress, 8, end);
      return;
    case 'bytes':
      skip(progress, boundedLength(progress, field, end), end);
      return;
    case 'string': {
      const length = boundedLength(progress, field, end);
      if (!isUtf8(progress.bytes.subarray(progress.at, progress.at + length))) {
        throw refuse(progress, 'expected UTF-8');
      }
      progress.at += length;
      return;
    }
    case 'message': {
      const length = lengthAhead(progress, end);
      const message = field.message as string;
      progress.path.push(message);
      scanMessage(progress, message, progress.at + length);
      progress.path.pop();
      return;
    }
  }
}

function wireTypeOf(kind: ScanField['kind']): number {
  switch (kind) {
    case 'bool':
    case 'uint32':
    case 'uint64':
      return VARINT;
    case 'double':
      return FIXED64;
    case 'string':
    case 'bytes':
    case 'message':
      return DELIMITED;
  }
}

function boundedLength(progress: Progress, { maxBytes = 0 }: ScanField, end: number): number {
  const length = lengthAhead(progress, end);
  if (length > maxBytes) throw refuse(progress, `expected at most ${maxBytes} bytes, got ${length}`);
  return length;
}

/** A length, within what is left of the message around it. */
function lengthAhead(progress: Progress, end: number): number {
  const length = varint(progress, end, 2 ** 32 - 1);
  const left = end - progress.at;
  if (length > left)
    throw refuse(progress, `expected at most the ${left} bytes that are left, got ${length}`);
  return length;
}

function skip(progress: Progress, length: number, end: number): void {
  if (length > end - progress.at)
    throw refuse(progress, `expected ${length} bytes, got ${end - progress.at}`);
  progress.at += length;
}

function skipUnknown(progress: Progress, wireType: number, end: number): void {
  progress.unknown += 1;
  if (progress.unknown > MAX_UNKNOWN_FIELDS) {
    throw refuse(progress, `expected at most ${MAX_UNKNOWN_FIELDS} unknown fields, got more`);
  }
  switch (wireType) {
    case VARINT:
      // Any 64 bits: a later release knows what they mean.
      varint(progress, end, 2 ** 64);
      return;
    case FIXED64:
      skip(progress, 8, end);
      return;
    case DELIMITED:
      skip(progress, lengthAhead(progress, end), end);
      return;
    case FIXED32:
      skip(progress, 4, end);
      return;
    default:
      throw refuse(progress, `expected wire type 0, 1, 2 or 5, got ${wireType}`);
  }
}

/** A number of at most 64 bits in its shortest form. Above 2^53 it is inexact, which no `max` below that can miss. */
function varint(progress: Progress, end: number, max: number): number {
  const { bytes } = progress;
  let value = 0;
  for (let length = 0; length < 10; length++) {
    if (progress.at >= end) throw refuse(progress, 'expected a number, got the end');
    const byte = bytes[progress.at] as number;
    progress.at += 1;
    value += (byte & 0x7f) * 2 ** (7 * length);
    if (byte < 0x80) {
      if (byte === 0 && length > 0) throw refuse(progress, 'expected a number in its shortest form');
      if (value > max) throw refuse(progress, `expected a number of at most ${max}`);
      return value;
    }
  }
  throw refuse(progress, 'expected a number of at most 10 bytes, got more');
}

function refuse({ path, at }: Progress, problem: string): Error {
  return wireInvalid(nameOf(path), `${problem}, at byte ${at}`);
}

/** `UploadManifest.update.blocks`: the outermost message, and fields from there. */
function nameOf(path: readonly string[]): string {
  return path.filter((_, i) => i === 0 || i % 2 === 1).join('.');
}
