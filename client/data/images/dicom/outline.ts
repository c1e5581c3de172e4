import { BrokenFile } from '../../media/broken-file.ts';
import { type Element, type Encoded, ITEM, ITEM_END, need, readElement, SEQUENCE_END } from './element.ts';

/** What of a data set is read any further. */
export interface Outline {
  /** The elements asked for, as the data set writes them, one after another; of per-frame groups the first frame's. */
  readonly kept: Uint8Array;
  /** The pixels; a value of undefined length is encapsulated, one of defined length may end beyond the data set. */
  readonly pixels: Element | undefined;
}

const PIXELS = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);
const PER_FRAME = 0x52009230;

/** Of sequences in each other; the deepest of the standard's image objects has about ten. */
const MAX_DEPTH = 64;
/** Walked over, and of those that are kept. A multi-frame file has about 60 per frame. */
const MAX_ELEMENTS = 4_000_000;
const MAX_KEPT = 100_000;

interface Level {
  readonly kind: 'sequence' | 'item' | 'fragments';
  /** Infinity: up to a delimiter. */
  readonly end: number;
  readonly isExplicit: boolean;
}

interface Walk {
  readonly data: Encoded;
  /** Every sequence is entered, so that a recursive parser may follow; else only those of undefined length. */
  readonly isDeep: boolean;
  budget: number;
}

/**
 * Finds the elements of `wanted` and the pixels, without recursion and without looking at any other value: what
 * identifies a patient is skipped by its length, never read.
 * @throws BrokenFile `bad-header` for nesting beyond {@link MAX_DEPTH} or sequences that do not fit each other;
 * `too-large` for too many elements; `truncated` if it ends within one.
 */
export function outline(
  data: Encoded,
  options: { isExplicit: boolean; wanted: ReadonlySet<number> },
): Outline {
  const { isExplicit, wanted } = options;
  const parts: Uint8Array[] = [];
  const skip: Walk = { data, isDeep: false, budget: MAX_ELEMENTS };
  const keep: Walk = { data, isDeep: true, budget: MAX_KEPT };
  let at = 0;
  while (at + 8 <= data.bytes.length) {
    const element = readElement(data, at, isExplicit);
    if (PIXELS.has(element.tag)) return { kept: Buffer.concat(parts), pixels: element };
    spend(skip);
    if (element.tag === PER_FRAME && wanted.has(PER_FRAME)) {
      parts.push(...firstItem(keep, element, isExplicit));
      at = endOf(skip, element, isExplicit);
    } else {
      const isWanted = wanted.has(element.tag);
      at = endOf(isWanted ? keep : skip, element, isExplicit);
      if (isWanted) parts.push(data.bytes.subarray(element.start, at));
    }
  }
  return { kept: Buffer.concat(parts), pixels: undefined };
}

/** A sequence of undefined length that holds the first item alone. */
function firstItem(walk: Walk, sequence: Element, isExplicit: boolean): Uint8Array[] {
  const { data } = walk;
  const item = readElement(data, sequence.value, isExplicit);
  if (item.tag !== ITEM) return [];
  const end = walkLevels(walk, item.value, [
    { kind: 'item', end: endIf(item), isExplicit: isExplicit && sequence.vr !== 'UN' },
  ]);
  const header = data.bytes.slice(sequence.start, sequence.value);
  header.fill(0xff, header.length - 4);
  const delimiter = new Uint8Array(8);
  const view = new DataView(delimiter.buffer);
  view.setUint16(0, SEQUENCE_END >>> 16, data.isLittle);
  view.setUint16(2, SEQUENCE_END & 0xffff, data.isLittle);
  return [header, data.bytes.subarray(item.start, end), delimiter];
}

/** Where the value of `element` ends, its delimiter included. */
function endOf(walk: Walk, element: Element, isExplicit: boolean): number {
  const level = enter(walk, element, isExplicit);
  const end = level === undefined ? endIf(element) : walkLevels(walk, element.value, [level]);
  need(walk.data, end);
  return end;
}

/** Walks on from `from` until all levels have ended. @returns where that is. */
function walkLevels(walk: Walk, from: number, levels: Level[]): number {
  const { data } = walk;
  let at = from;
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    if (at >= level.end) {
      if (at > level.end) throw new BrokenFile('bad-header', 'DICOM: an item ends beyond its sequence');
      levels.pop();
      continue;
    }
    spend(walk);
    const element = readElement(data, at, level.isExplicit);
    at = element.value;
    if (element.tag === ITEM_END || element.tag === SEQUENCE_END) levels.pop();
    else if (level.kind === 'item') {
      const inner = enter(walk, element, level.isExplicit);
      if (inner === undefined) at = endIf(element);
      else levels.push(inner);
    } else if (element.tag !== ITEM) {
      throw new BrokenFile('bad-header', 'DICOM: expected an item in a sequence, found another element');
    } else if (level.kind === 'sequence' && (walk.isDeep || element.length === undefined)) {
      levels.push({ kind: 'item', end: endIf(element), isExplicit: level.isExplicit });
    } else at = endIf(element);
    if (levels.length > MAX_DEPTH) {
      throw new BrokenFile('bad-header', `DICOM: expected at most ${MAX_DEPTH} nested sequences and items`);
    }
    if (at !== Number.POSITIVE_INFINITY) need(data, at);
    else throw new BrokenFile('bad-header', 'DICOM: expected a fragment of defined length');
  }
  return at;
}

/** The level that an element's value opens; undefined for a plain value, or a sequence that is skipped by its length. */
function enter(walk: Walk, element: Element, isExplicit: boolean): Level | undefined {
  const { vr } = element;
  const end = endIf(element);
  if (element.length === undefined) {
    if (isExplicit && vr !== 'SQ' && vr !== 'UN') return { kind: 'fragments', end, isExplicit };
    // A sequence of unknown representation is implicit inside (PS3.5 section 6.2.2).
    return { kind: 'sequence', end, isExplicit: isExplicit && vr === 'SQ' };
  }
  if (!walk.isDeep || element.length < 8) return undefined;
  const isSequence = isExplicit ? vr === 'SQ' : startsItem(walk.data, element.value);
  return isSequence ? { kind: 'sequence', end, isExplicit } : undefined;
}

function startsItem(data: Encoded, at: number): boolean {
  const { tag } = readElement(data, at, false);
  return tag === ITEM || tag === SEQUENCE_END;
}

function endIf(element: Element): number {
  return element.length === undefined ? Number.POSITIVE_INFINITY : element.value + element.length;
}

function spend(walk: Walk): void {
  walk.budget--;
  if (walk.budget < 0) {
    const most = walk.isDeep ? MAX_KEPT : MAX_ELEMENTS;
    throw new BrokenFile('too-large', `DICOM: expected at most ${most} elements, found more`);
  }
}
