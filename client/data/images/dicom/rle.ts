import { BrokenFile } from '../../media/broken-file.ts';

const HEADER_BYTES = 64;

/**
 * Decodes one frame of RLE Lossless (PS3.5 annex G): one PackBits segment for each byte of a sample, the most
 * significant first, sample by sample.
 * @returns `pixels × samplesPerPixel` little-endian numbers of `bytesPerSample`, pixel by pixel.
 * @throws BrokenFile `bad-header` for other segments than that, `truncated` if one holds too little.
 */
export function decodeRle(
  frame: Uint8Array,
  size: { readonly pixels: number; readonly samplesPerPixel: number; readonly bytesPerSample: number },
): Uint8Array {
  const { pixels, samplesPerPixel, bytesPerSample } = size;
  const segments = samplesPerPixel * bytesPerSample;
  if (frame.length < HEADER_BYTES) throw new BrokenFile('truncated', 'RLE: expected a header of 64 bytes');
  const header = new DataView(frame.buffer, frame.byteOffset, HEADER_BYTES);
  const declared = header.getUint32(0, true);
  if (declared !== segments || segments > 15) {
    throw new BrokenFile('bad-header', `RLE: expected ${segments} segments, found ${declared}`);
  }
  // A run of 128 takes two bytes.
  if (pixels * segments > frame.length * 64) {
    throw new BrokenFile('truncated', `RLE: ${frame.length} bytes cannot hold ${pixels * segments}`);
  }
  const out = new Uint8Array(pixels * segments);
  for (let segment = 0; segment < segments; segment++) {
    const from = header.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < segments ? header.getUint32(8 + 4 * segment, true) : frame.length;
    if (!(from >= HEADER_BYTES && from <= end && end <= frame.length)) {
      throw new BrokenFile('bad-header', `RLE: segment ${segment} lies outside its frame`);
    }
    const sample = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    const target = { out, at: sample * bytesPerSample + byte, step: segments };
    const found = unpack(frame.subarray(from, end), target, pixels);
    if (found < pixels) {
      throw new BrokenFile(
        'truncated',
        `RLE: expected ${pixels} bytes in segment ${segment}, found ${found}`,
      );
    }
  }
  return out;
}

/** Writes at most `most` bytes, `step` apart. @returns how many. */
function unpack(
  packed: Uint8Array,
  target: { readonly out: Uint8Array; readonly at: number; readonly step: number },
  most: number,
): number {
  const { out, at, step } = target;
  let done = 0;
  let i = 0;
  while (i < packed.length && done < most) {
    const control = packed[i++] as number;
    if (control === 128) continue;
    const isRun = control > 128;
    const count = Math.min(isRun ? 257 - control : control + 1, most - done);
    if (isRun ? i >= packed.length : i + count > packed.length) return done;
    for (let k = 0; k < count; k++) {
      out[at + (done + k) * step] = packed[isRun ? i : i + k] as number;
    }
    i += isRun ? 1 : count;
    done += count;
  }
  return done;
}
