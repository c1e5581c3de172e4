import { BrokenFile } from '../../media/broken-file.ts';
import { type Element, type Encoded, ITEM, need, readElement, SEQUENCE_END } from './element.ts';

/**
 * The encoded bytes of each frame of an encapsulated pixel element (PS3.5 annex A.4), in order. Frames of several
 * fragments are told apart by the offset table or, without one, by the marker that starts a JPEG stream.
 * @param frames as the header declares.
 * @throws BrokenFile `truncated` if fragments or frames are missing, `bad-header` if they do not add up.
 */
export function encapsulatedFrames(data: Encoded, pixels: Element, frames: number): Uint8Array[] {
  const { table, fragments } = readFragments(data, pixels.value);
  if (fragments.length < frames) {
    throw new BrokenFile(
      'truncated',
      `DICOM: expected ${frames} frames, found ${fragments.length} fragments`,
    );
  }
  const starts = frameStarts(frames, fragments, table);
  if (starts === undefined || starts.length !== frames) {
    throw new BrokenFile(
      'bad-header',
      `DICOM: expected ${frames} frames in ${fragments.length} fragments, found ${starts?.length ?? 'another offset table'}`,
    );
  }
  return starts.map((start, i) =>
    joined(fragments.slice(start, starts[i + 1] ?? fragments.length).map((fragment) => fragment.bytes)),
  );
}

interface Fragment {
  /** Of its item, from the first fragment's. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A file that ends without the delimiter after a whole fragment is taken as complete; frames are counted later. */
function readFragments(data: Encoded, from: number): { table: Uint32Array; fragments: Fragment[] } {
  const items: { start: number; bytes: Uint8Array }[] = [];
  let at = from;
  while (at + 8 <= data.bytes.length) {
    const item = readElement(data, at, false);
    if (item.tag === SEQUENCE_END) break;
    if (item.tag !== ITEM || item.length === undefined) {
      throw new BrokenFile(
        'bad-header',
        'DICOM: expected encapsulated pixels to be fragments of known length',
      );
    }
    at = item.value + item.length;
    need(data, at);
    items.push({ start: item.start, bytes: data.bytes.subarray(item.value, at) });
  }
  const [first, ...rest] = items;
  if (first === undefined)
    throw new BrokenFile('truncated', 'DICOM: expected an offset table, found nothing');
  const origin = rest[0]?.start ?? 0;
  return {
    table: words(first.bytes),
    fragments: rest.map(({ start, bytes }) => ({ offset: start - origin, bytes })),
  };
}

/** The index of each frame's first fragment. */
function frameStarts(
  frames: number,
  fragments: readonly Fragment[],
  table: Uint32Array,
): number[] | undefined {
  if (frames === 1) return [0];
  if (fragments.length === frames) return fragments.map((_, i) => i);
  if (table.length === frames) {
    const index = new Map(fragments.map(({ offset }, i) => [offset, i]));
    const starts = [...table].map((offset) => index.get(offset) ?? -1);
    const isAscending = starts.every((start, i) =>
      i === 0 ? start === 0 : start > (starts[i - 1] as number),
    );
    return isAscending ? starts : undefined;
  }
  return fragments.flatMap(({ bytes }, i) => (startsStream(bytes) ? [i] : []));
}

/** Start of a JPEG image (FFD8) or of a JPEG 2000 codestream (FF4F FF51). */
function startsStream(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && (bytes[1] === 0xd8 || (bytes[1] === 0x4f && bytes[3] === 0x51));
}

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(4 * i, true));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}
