import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../shared/protocol/transfer.ts';
import { consilium } from '../../shared/wire/generated/consilium.js';
import { encodeFetchBlockResponse, encodeUploadRequest } from '../../shared/wire/transfer-codec.ts';

const { v1 } = consilium;

describe('a chunk on the wire', () => {
  // Lengths on both sides of each length that a varint of one byte more begins with: 2^7, 2^14.
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 16_300, max: 16_500 }),
    fc.constant(CHUNK_BYTES),
  );
  const chunks = fc.record({
    offset: fc
      .oneof(fc.constant(0), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 2 ** 32 }))
      .map((n) => n * CHUNK_BYTES),
    data: lengths.map((length) => new Uint8Array(length).map((_, i) => i)),
  });

  it('is the bytes that the generated code makes of it', () => {
    fc.assert(
      fc.property(chunks, (chunk) => {
        const uploaded = Buffer.from(encodeUploadRequest({ kind: 'chunk', ...chunk }));
        expect(uploaded.equals(v1.UploadRequest.encode({ chunk }).finish())).toBe(true);
        const fetched = Buffer.from(encodeFetchBlockResponse({ kind: 'chunk', ...chunk }));
        expect(fetched.equals(v1.FetchBlockResponse.encode({ chunk }).finish())).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [
      'an offset within a chunk',
      { offset: 5, data: new Uint8Array(1) },
      /offset: expected a multiple of 1048576/,
    ],
    ['nothing', { offset: 0, data: new Uint8Array() }, /data: expected 1..1048576 bytes, got 0/],
    ['too much', { offset: 0, data: new Uint8Array(CHUNK_BYTES + 1) }, /got 1048577/],
  ])('is refused with %s', (_what, chunk, message) => {
    expect(() => encodeUploadRequest({ kind: 'chunk', ...chunk })).toThrow(message);
  });
});
