import { createRequire } from 'node:module';
import { BrokenFile } from '../../media/broken-file.ts';
import type { Encoded } from './element.ts';

/** The values of a data set by tag, `xggggeeee`; undefined where absent, empty or not of the type asked for. */
export interface Attributes {
  /** US, or SS if `isSigned`. */
  word(tag: string, options?: { readonly index?: number; readonly isSigned?: boolean }): number | undefined;
  /** The value at `index` of DS or IS; NaN if it is no number. */
  decimal(tag: string, index?: number): number | undefined;
  text(tag: string): string | undefined;
  bytes(tag: string): Uint8Array | undefined;
  /** The first item of a sequence. */
  item(tag: string): Attributes | undefined;
}

/** What is used of dicom-parser; its own declarations are no module that an import can name. */
interface Parser {
  readonly ByteStream: new (order: unknown, bytes: Uint8Array, position: number) => unknown;
  readonly DataSet: new (order: unknown, bytes: Uint8Array, elements: object) => DataSet;
  readonly littleEndianByteArrayParser: unknown;
  readonly bigEndianByteArrayParser: unknown;
  parseDicomDataSetExplicit(into: DataSet, stream: unknown, end: number, options: object): void;
  parseDicomDataSetImplicit(into: DataSet, stream: unknown, end: number, options: object): void;
}

interface DataSet {
  warnings?: string[];
  readonly elements: Readonly<
    Record<
      string,
      { dataOffset: number; length: number; items?: readonly { readonly dataSet?: DataSet }[] } | undefined
    >
  >;
  uint16(tag: string, index?: number): number | undefined;
  int16(tag: string, index?: number): number | undefined;
  string(tag: string, index?: number): string | undefined;
}

const require = createRequire(import.meta.url);

/** Loaded when a file first needs it. */
let parser: Parser | undefined;

/**
 * Reads the elements that the outline kept.
 * @throws BrokenFile `bad-header` for whatever the parser refuses; what it threw holds the data set and is dropped.
 */
export function readAttributes(kept: Encoded, isExplicit: boolean): Attributes {
  if (kept.bytes.length === 0) return attributes(kept, { elements: {} } as unknown as DataSet);
  parser ??= require('dicom-parser') as Parser;
  const order = kept.isLittle ? parser.littleEndianByteArrayParser : parser.bigEndianByteArrayParser;
  const set = new parser.DataSet(order, kept.bytes, {});
  set.warnings = [];
  try {
    const stream = new parser.ByteStream(order, kept.bytes, 0);
    if (isExplicit) parser.parseDicomDataSetExplicit(set, stream, kept.bytes.length, {});
    else parser.parseDicomDataSetImplicit(set, stream, kept.bytes.length, {});
  } catch {
    throw new BrokenFile(
      'bad-header',
      'DICOM: expected well-formed elements, found one that cannot be parsed',
    );
  }
  return attributes(kept, set);
}

function attributes(kept: Encoded, set: DataSet): Attributes {
  /** The element, if its value is there. */
  const present = (tag: string) => {
    const element = set.elements[tag];
    const isThere =
      element !== undefined && element.length > 0 && element.dataOffset + element.length <= kept.bytes.length;
    return isThere ? element : undefined;
  };
  return {
    word(tag, options = {}) {
      const { index = 0, isSigned = false } = options;
      if ((present(tag)?.length ?? 0) < 2 * index + 2) return undefined;
      return isSigned ? set.int16(tag, index) : set.uint16(tag, index);
    },
    decimal(tag, index = 0) {
      const text = present(tag) && set.string(tag, index)?.trim();
      if (text === undefined || text === '') return undefined;
      return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    },
    text: (tag) => (present(tag) === undefined ? undefined : set.string(tag)?.trim()),
    bytes(tag) {
      const element = present(tag);
      return element && kept.bytes.subarray(element.dataOffset, element.dataOffset + element.length);
    },
    item(tag) {
      const inner = set.elements[tag]?.items?.[0]?.dataSet;
      return inner && attributes(kept, inner);
    },
  };
}
