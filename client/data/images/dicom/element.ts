import { BrokenFile } from '../../media/broken-file.ts';

/** Where one element lies. */
export interface Element {
  /** group × 65536 + element. */
  readonly tag: number;
  /** Two letters; undefined where the data set does not write them. */
  readonly vr: string | undefined;
  /** Of its header and of its value, in bytes from the start of the data set. */
  readonly start: number;
  readonly value: number;
  /** Of its value in bytes; undefined: up to a delimiter. */
  readonly length: number | undefined;
}

/** A data set's bytes and the order of the bytes of its numbers. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly isLittle: boolean;
}

export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;

const UNDEFINED_LENGTH = 0xffffffff;

/** Value representations whose length takes four bytes after two unused ones (PS3.5 section 7.1.2). */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

export function encoded(bytes: Uint8Array, isBigEndian: boolean): Encoded {
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    isLittle: !isBigEndian,
  };
}

/**
 * The header of the element at `at`. Its value may end beyond the data set; the caller checks.
 * @throws BrokenFile `truncated` if the header does not fit.
 */
export function readElement(data: Encoded, at: number, isExplicit: boolean): Element {
  need(data, at + 8);
  const { view, isLittle } = data;
  const tag = view.getUint16(at, isLittle) * 0x10000 + view.getUint16(at + 2, isLittle);
  if (!isExplicit || tag >>> 16 === 0xfffe) {
    return {
      tag,
      vr: undefined,
      start: at,
      value: at + 8,
      length: defined(view.getUint32(at + 4, isLittle)),
    };
  }
  const vr = String.fromCharCode(data.bytes[at + 4] as number, data.bytes[at + 5] as number);
  if (!LONG.has(vr)) return { tag, vr, start: at, value: at + 8, length: view.getUint16(at + 6, isLittle) };
  need(data, at + 12);
  return { tag, vr, start: at, value: at + 12, length: defined(view.getUint32(at + 8, isLittle)) };
}

/** @throws BrokenFile `truncated` unless the data set has `end` bytes. */
export function need(data: Encoded, end: number): void {
  if (end > data.bytes.length) {
    throw new BrokenFile('truncated', `DICOM: expected at least ${end} bytes, found ${data.bytes.length}`);
  }
}

function defined(length: number): number | undefined {
  return length === UNDEFINED_LENGTH ? undefined : length;
}
