import { ConsiliumError } from '../core/errors.ts';

/**
 * The parts, each with its length before it, so that no two lists of parts give the same bytes. Lengths are 32-bit
 * big-endian; text is UTF-8; a number is written as decimal text, and is the same part as that text.
 * @throws ConsiliumError `INTERNAL` for text with half a surrogate pair (UTF-8 has the same bytes for all of them).
 */
export function fields(...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  const encoded = parts.map((part) => (part instanceof Uint8Array ? part : utf8(String(part))));
  const bytes = new Uint8Array(encoded.reduce((length, part) => length + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of encoded) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

function utf8(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  if (bytes.toString() === text) return bytes;
  throw new ConsiliumError('INTERNAL', 'fields: expected text, got half a surrogate pair in it');
}
