import { BrokenFile } from '../../media/broken-file.ts';

/** The entropy-coded bits of a JPEG scan (ITU-T T.81 annex F.2.2), most significant first. */
export interface JpegBits {
  /** The next Huffman code's symbol. */
  symbol(table: HuffmanTable): number;
  /** The next `count` bits, 1 to 16, as a number. */
  bits(count: number): number;
  /** Drops what is left of the last byte and passes a restart marker. */
  restart(): void;
  /** Where the marker after the scan starts. */
  end(): number;
}

/** By the next 16 bits: length × 256 + symbol; 0 where no code starts so. */
export type HuffmanTable = Uint16Array;

/**
 * @param counts how many codes there are of 1 to 16 bits.
 * @throws BrokenFile `bad-header` if that many do not fit.
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << 16);
  let at = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    const step = 1 << (16 - length);
    for (let i = 0; i < (counts[length - 1] as number); i++) {
      if (next + step > table.length)
        throw new BrokenFile('bad-header', 'JPEG: a Huffman table has too many codes');
      table.fill(length * 256 + (symbols[at++] as number), next, next + step);
      next += step;
    }
  }
  return table;
}

/** Reads the scan data that starts at `from`. @throws BrokenFile `truncated` when asked for more bits than there are. */
export function jpegBits(bytes: Uint8Array, from: number): JpegBits {
  let at = from;
  /** The last `held` bits of it are not read yet, and the last `padding` of those stand for none in the file. */
  let buffer = 0;
  let held = 0;
  let padding = 0;
  const fill = () => {
    while (held < 16) {
      const byte = bytes[at];
      const isMarker = byte === 0xff && bytes[at + 1] !== 0;
      if (byte === undefined || isMarker) padding += 8;
      else at += byte === 0xff ? 2 : 1;
      buffer = ((buffer & 0xffff) << 8) | (byte === undefined || isMarker ? 0 : byte);
      held += 8;
    }
  };
  const take = (count: number) => {
    held -= count;
    if (held < padding) throw new BrokenFile('truncated', 'JPEG: a scan ends before its last sample');
  };
  return {
    symbol(table) {
      fill();
      const entry = table[(buffer >>> (held - 16)) & 0xffff] as number;
      if (entry === 0) throw new BrokenFile('bad-header', 'JPEG: expected a code of the Huffman table');
      take(entry >> 8);
      return entry & 0xff;
    },
    bits(count) {
      fill();
      const value = (buffer >>> (held - count)) & ((1 << count) - 1);
      take(count);
      return value;
    },
    restart() {
      held = 0;
      padding = 0;
      buffer = 0;
      while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
      const marker = bytes[at + 1] ?? 0;
      if (bytes[at] !== 0xff || marker < 0xd0 || marker > 0xd7) {
        throw new BrokenFile('bad-header', 'JPEG: expected a restart marker');
      }
      at += 2;
    },
    end: () => at,
  };
}
