import { BrokenFile } from '../../media/broken-file.ts';
import { type HuffmanTable, huffmanTable, type JpegBits, jpegBits } from './jpeg-bits.ts';

/** What the segments before a scan have set. */
interface State {
  readonly frame: { bits: number; height: number; width: number; ids: number[] } | undefined;
  readonly tables: ReadonlyMap<number, HuffmanTable>;
  /** In pixels; 0: none. */
  readonly restartInterval: number;
}

interface Scan {
  readonly bits: JpegBits;
  readonly width: number;
  readonly height: number;
  /** Of all the frame's components. */
  readonly components: number;
  /** Which of them this scan holds, and by which table. */
  readonly parts: readonly { readonly index: number; readonly table: HuffmanTable }[];
  /** 1 to 7 (ITU-T T.81 table H.1). */
  readonly predictor: number;
  /** What the first sample of a scan, or after a restart, is predicted as: half of the range. */
  readonly start: number;
  readonly restartInterval: number;
}

/**
 * Decodes lossless JPEG (ITU-T T.81 annex H, Huffman coding), of any predictor and point transform, its components
 * interleaved or scan by scan. Colors are left as they are.
 * @param frame one frame, whose declared size the caller has held against the limits.
 * @returns [height, width, components]
 * @throws BrokenFile
 */
export function decodeLosslessJpeg(frame: Uint8Array): Uint16Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let state: State = { frame: undefined, tables: new Map(), restartInterval: 0 };
  let out: Uint16Array | undefined;
  let scanned = 0;
  for (let at = 2; ; ) {
    if (at + 4 > frame.length) throw new BrokenFile('truncated', 'JPEG: ends before its last scan');
    if (frame[at] !== 0xff) throw new BrokenFile('bad-header', 'JPEG: expected a marker');
    const marker = frame[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (end < at + 4) throw new BrokenFile('bad-header', 'JPEG: expected a segment of at least 2 bytes');
    if (end > frame.length) throw new BrokenFile('truncated', 'JPEG: ends within a segment');
    const segment = frame.subarray(at + 4, end);
    if (marker !== 0xda) {
      state = withSegment(state, marker, segment);
      at = end;
      continue;
    }
    const { scan, shift } = openScan(state, segment, jpegBits(frame, end));
    out ??= new Uint16Array(scan.width * scan.height * scan.components);
    decodeScan(scan, out);
    scanned += scan.parts.length;
    if (scanned >= scan.components) return shift === 0 ? out : out.map((value) => value << shift);
    at = scan.bits.end();
  }
}

function withSegment(state: State, marker: number, segment: Uint8Array): State {
  if (marker === 0xc4) return { ...state, tables: new Map([...state.tables, ...readTables(segment)]) };
  if (marker === 0xdd) {
    return { ...state, restartInterval: ((segment[0] ?? 0) << 8) | (segment[1] ?? 0) };
  }
  return marker === 0xc3 ? { ...state, frame: readFrame(segment) } : state;
}

function readTables(segment: Uint8Array): [number, HuffmanTable][] {
  const tables: [number, HuffmanTable][] = [];
  for (let at = 0; at + 17 <= segment.length; ) {
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = segment.subarray(at + 17, at + 17 + total);
    if (symbols.length < total) throw new BrokenFile('bad-header', 'JPEG: a Huffman table ends too early');
    tables.push([segment[at] as number, huffmanTable(counts, symbols)]);
    at += 17 + total;
  }
  return tables;
}

function readFrame(segment: Uint8Array): NonNullable<State['frame']> {
  const count = segment[5] ?? 0;
  if (segment.length < 6 + 3 * count)
    throw new BrokenFile('bad-header', 'JPEG: the frame header is too short');
  const parts = Array.from({ length: count }, (_, i) => segment.subarray(6 + 3 * i, 9 + 3 * i));
  if (count > 1 && parts.some((part) => part[1] !== 0x11)) {
    throw new BrokenFile('unsupported', 'JPEG: lossless components of different sizes are not read');
  }
  const word = (at: number) => ((segment[at] as number) << 8) | (segment[at + 1] as number);
  return {
    bits: segment[0] as number,
    height: word(1),
    width: word(3),
    ids: parts.map((part) => part[0] as number),
  };
}

function openScan(state: State, segment: Uint8Array, bits: JpegBits): { scan: Scan; shift: number } {
  const { frame, tables, restartInterval } = state;
  const count = segment[0] ?? 0;
  const predictor = segment[1 + 2 * count] ?? 0;
  const shift = (segment[3 + 2 * count] ?? 0) & 15;
  const parts = Array.from({ length: count }, (_, i) => ({
    index: frame?.ids.indexOf(segment[1 + 2 * i] ?? -1) ?? -1,
    table: tables.get((segment[2 + 2 * i] ?? 0) >> 4),
  }));
  const isKnown = (part: { index: number; table: HuffmanTable | undefined }): part is Scan['parts'][number] =>
    part.index >= 0 && part.table !== undefined;
  if (
    frame === undefined ||
    count === 0 ||
    !parts.every(isKnown) ||
    !(predictor >= 1 && predictor <= 7 && shift < frame.bits) ||
    restartInterval % Math.max(frame.width, 1) !== 0
  ) {
    throw new BrokenFile('bad-header', 'JPEG: expected a lossless scan of known components and tables');
  }
  const scan = {
    bits,
    width: frame.width,
    height: frame.height,
    components: frame.ids.length,
    parts,
    predictor,
    start: 1 << (frame.bits - shift - 1),
    restartInterval,
  };
  return { scan, shift };
}

function decodeScan(scan: Scan, out: Uint16Array): void {
  const { bits, width, height, components, parts, predictor, start, restartInterval } = scan;
  const rowLength = width * components;
  for (let row = 0; row < height; row++) {
    const isRestarted = restartInterval > 0 && row > 0 && (row * width) % restartInterval === 0;
    if (isRestarted) bits.restart();
    const isFirst = row === 0 || isRestarted;
    for (let column = 0; column < width; column++) {
      for (const { index, table } of parts) {
        const at = row * rowLength + column * components + index;
        let predicted: number;
        if (column === 0) predicted = isFirst ? start : (out[at - rowLength] as number);
        else if (isFirst) predicted = out[at - components] as number;
        else predicted = predict(predictor, out, { at, components, rowLength });
        out[at] = predicted + difference(bits, table);
      }
    }
  }
}

function predict(
  predictor: number,
  out: Uint16Array,
  place: { readonly at: number; readonly components: number; readonly rowLength: number },
): number {
  const { at, components, rowLength } = place;
  const left = out[at - components] as number;
  const above = out[at - rowLength] as number;
  const corner = out[at - rowLength - components] as number;
  switch (predictor) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return corner;
    case 4:
      return left + above - corner;
    case 5:
      return left + ((above - corner) >> 1);
    case 6:
      return above + ((left - corner) >> 1);
    default:
      return (left + above) >> 1;
  }
}

/** A signed difference, modulo 2^16 (ITU-T T.81 tables F.1 and H.2). */
function difference(bits: JpegBits, table: HuffmanTable): number {
  const size = bits.symbol(table);
  if (size === 0) return 0;
  if (size === 16) return 32768;
  if (size > 16) throw new BrokenFile('bad-header', 'JPEG: expected a difference of at most 16 bits');
  const value = bits.bits(size);
  return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}
