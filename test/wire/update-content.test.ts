import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { Update } from '../../shared/protocol/messages.ts';
import { CHUNK_BYTES } from '../../shared/protocol/transfer.ts';
import {
  blockBytes,
  chunksOf,
  readBlock,
  readUpdate,
  updateContent,
} from '../../shared/wire/update-content.ts';

const HASH = 'cd'.repeat(32) as ContentHash;

const update = fc
  .uniqueArray(fc.constantFrom('joint', 'encoder:labs', 'encoder:ct'), { maxLength: 3 })
  .chain((names) =>
    fc.record({
      site: fc.constant('cleveland' as SiteId),
      studyHash: fc.constant(HASH),
      round: fc.nat(100),
      loss: fc.double({ noNaN: true, noDefaultInfinity: true }),
      blocks: fc.tuple(
        ...names.map((name) =>
          fc.record({
            block: fc.constant(name as BlockId),
            weight: fc.nat(),
            steps: fc.nat(),
            clipped: fc.boolean(),
            vector: fc.int32Array({ maxLength: 20 }),
          }),
        ),
      ),
    }),
  );

describe('updateContent', () => {
  it('is read back bit for bit, wherever the bytes begin', () => {
    fc.assert(
      fc.property(update, fc.nat(3), (value: Update, shift) => {
        const { content, parts, totalBytes } = updateContent(value);
        const { site, studyHash, round } = value;
        const manifest = { site, studyHash, round, content, totalBytes, contentHash: HASH, chunkHashes: [] };
        const bytes = new Uint8Array(totalBytes + shift).subarray(shift);
        bytes.set(Buffer.concat(parts));
        expect(readUpdate(manifest, bytes)).toEqual(value);
      }),
    );
  });
});

describe('readUpdate', () => {
  const head = { site: 'cleveland' as SiteId, studyHash: HASH, round: 1, contentHash: HASH, chunkHashes: [] };

  it('refuses an evaluation', () => {
    const manifest = { ...head, totalBytes: 0, content: { kind: 'evaluation', part: 'test' } } as const;
    expect(() => readUpdate(manifest, new Uint8Array(0))).toThrow('expected an update, got an evaluation');
  });

  it('does not read behind its content', () => {
    const blocks = [{ block: 'joint' as BlockId, weight: 1, steps: 0, clipped: false, values: 3 }];
    const manifest = { ...head, totalBytes: 8, content: { kind: 'update', blocks, loss: 0 } } as const;
    // Two values of content in a buffer of four.
    const content = new Uint8Array(16).subarray(0, 8);
    expect(() => readUpdate(manifest, content)).toThrow('update.joint: expected 3 values, got fewer');
  });
});

describe('readBlock', () => {
  it('gives back the bits of a block, wherever the bytes begin', () => {
    const values = Float32Array.of(0.1, -0, 3e38, 1e-45);
    for (const shift of [0, 1, 4]) {
      const bytes = new Uint8Array(16 + shift).subarray(shift);
      bytes.set(blockBytes(values));
      const read = readBlock(bytes, { block: 'joint' as BlockId, size: 4 });
      expect(blockBytes(read)).toEqual(blockBytes(values));
    }
  });
});

describe('chunksOf', () => {
  // 2.5 chunks in three parts, none of which ends where a chunk does.
  const parts = [0.75, 1, 0.75].map((length, i) => new Uint8Array(length * CHUNK_BYTES).fill(i + 1));

  it('cuts content at every 2^20 bytes, whatever its parts', () => {
    const chunks = [...chunksOf(parts)];
    expect(chunks.map(({ offset }) => offset)).toEqual([0, CHUNK_BYTES, 2 * CHUNK_BYTES]);
    expect(Buffer.concat(chunks.map(({ data }) => data)).equals(Buffer.concat(parts))).toBe(true);
    expect(chunks.map(({ data }) => data.length)).toEqual([CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES / 2]);
  });

  it('goes on from an offset', () => {
    const [chunk, ...more] = [...chunksOf(parts, 2 * CHUNK_BYTES)];
    expect(more).toEqual([]);
    expect(chunk?.offset).toBe(2 * CHUNK_BYTES);
    expect([...chunksOf(parts, 3 * CHUNK_BYTES)]).toEqual([]);
    expect([...chunksOf([])]).toEqual([]);
  });
});
