import { gunzipSync, inflateRawSync } from 'node:zlib';
import { BrokenFile } from '../media/broken-file.ts';

/**
 * Inflates a raw deflate stream, or a gzip file.
 * @param options.mostBytes a stream that inflates to more is refused as soon as it does.
 * @throws BrokenFile `too-large`, `truncated` or `bad-header`.
 */
export function inflate(
  bytes: Uint8Array,
  options: { readonly kind: 'raw' | 'gzip'; readonly mostBytes: number; readonly what: string },
): Uint8Array {
  const { what } = options;
  try {
    const inflateSync = options.kind === 'raw' ? inflateRawSync : gunzipSync;
    const inflated = inflateSync(bytes, { maxOutputLength: Math.max(options.mostBytes, 1) });
    return new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.byteLength);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new BrokenFile('too-large', `${what}: expected to inflate to at most ${options.mostBytes} bytes`);
    }
    if (code === 'Z_BUF_ERROR') {
      throw new BrokenFile('truncated', `${what}: the deflated bytes end before their end mark`);
    }
    throw new BrokenFile('bad-header', `${what}: expected deflated bytes, found others`);
  }
}
