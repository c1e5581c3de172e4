import { bytesOf } from '../core/bytes.ts';
import type { BlockId, ContentHash } from '../core/ids.ts';
import type { Update } from '../protocol/messages.ts';
import {
  CHUNK_BYTES,
  type Chunk,
  type MaskedVector,
  type UploadContent,
  type UploadManifest,
} from '../protocol/transfer.ts';
import { allFinite } from './fields.ts';
import { wireInvalid } from './wire-invalid.ts';

/** An update as it is uploaded: what its manifest says of it, and the bytes. */
export interface UpdateContent {
  readonly content: Extract<UploadContent, { readonly kind: 'update' }>;
  /** Views on the update's vectors, in the manifest's order. Borrowed. */
  readonly parts: readonly Uint8Array[];
  readonly totalBytes: number;
}

export function updateContent(update: Update): UpdateContent {
  const parts = update.blocks.map(({ vector }) => bytesOf(vector));
  const blocks = update.blocks.map(({ block, weight, steps, clipped, vector }) => ({
    block,
    weight,
    steps,
    clipped,
    values: vector.length,
  }));
  const totalBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { content: { kind: 'update', blocks, loss: update.loss }, parts, totalBytes };
}

/**
 * The update of a manifest and its whole content.
 * @param content Given: the vectors are views on it where it is aligned to 4 bytes, else copies.
 * @throws ConsiliumError `WIRE_INVALID` for a manifest of something else, or content of another length.
 */
export function readUpdate(manifest: UploadManifest, content: Uint8Array): Update {
  const { site, studyHash, round, totalBytes } = manifest;
  if (manifest.content.kind !== 'update') {
    throw wireInvalid('UploadManifest.content', `expected an update, got an ${manifest.content.kind}`);
  }
  const vectors = vectorsIn(content, { totalBytes, ...manifest.content });
  const blocks = manifest.content.blocks.map(({ values: _, ...header }, i) => ({
    ...header,
    vector: vectors[i] as Int32Array,
  }));
  return { site, studyHash, round, blocks, loss: manifest.content.loss };
}

/** Masked vectors as they are uploaded. The parts are views on them, in the manifest's order. Borrowed. */
export function maskedContent(
  session: ContentHash,
  vectors: ReadonlyMap<BlockId, Int32Array>,
): { readonly content: MaskedContent; readonly parts: readonly Uint8Array[] } {
  const blocks = [...vectors].map(([block, vector]) => ({ block, values: vector.length }));
  return { content: { kind: 'masked', session, blocks }, parts: [...vectors.values()].map(bytesOf) };
}

/**
 * The masked vectors of a manifest and its whole content.
 * @param content Given: the vectors are views on it where it is aligned to 4 bytes, else copies.
 * @throws ConsiliumError `WIRE_INVALID` for a manifest of something else, or content of another length.
 */
export function readMasked(
  manifest: UploadManifest,
  content: Uint8Array,
): { readonly session: ContentHash; readonly vectors: ReadonlyMap<BlockId, Int32Array> } {
  if (manifest.content.kind !== 'masked') {
    throw wireInvalid('UploadManifest.content', `expected masked vectors, got an ${manifest.content.kind}`);
  }
  const { session, blocks } = manifest.content;
  const vectors = vectorsIn(content, { ...manifest, kind: 'masked', blocks });
  return { session, vectors: new Map(blocks.map(({ block }, i) => [block, vectors[i] as Int32Array])) };
}

type MaskedContent = Extract<UploadContent, { readonly kind: 'masked' }>;

/** The content cut at the blocks' lengths. */
function vectorsIn(
  content: Uint8Array,
  {
    kind,
    totalBytes,
    blocks,
  }: {
    readonly kind: UploadContent['kind'];
    readonly totalBytes: number;
    readonly blocks: readonly MaskedVector[];
  },
): readonly Int32Array[] {
  if (content.length !== totalBytes) {
    throw wireInvalid(kind, `expected ${totalBytes} bytes, got ${content.length}`);
  }
  const words = aligned(content);
  let offset = words.byteOffset;
  return blocks.map(({ block, values }) => {
    if (offset + 4 * values > words.byteOffset + words.byteLength) {
      throw wireInvalid(`${kind}.${block}`, `expected ${values} values, got fewer`);
    }
    const vector = new Int32Array(words.buffer, offset, values);
    offset += 4 * values;
    return vector;
  });
}

/** The bytes that a block travels as, and whose SHA-256 names it: float32, little-endian. Borrowed: a view. */
export function blockBytes(values: Float32Array): Uint8Array {
  return bytesOf(values);
}

/**
 * A block's values from the bytes that it travelled as.
 * @param content Given: the values are a view on it where it is aligned to 4 bytes, else a copy.
 * @param expected `size`: values in the block.
 * @throws ConsiliumError `WIRE_INVALID` naming the block, for another length or a value that is not finite.
 */
export function readBlock(
  content: Uint8Array,
  expected: { readonly block: BlockId; readonly size: number },
): Float32Array {
  const { block, size } = expected;
  if (content.length !== 4 * size) {
    throw wireInvalid(block, `expected ${size} values of 4 bytes, got ${content.length} bytes`);
  }
  const words = aligned(content);
  return allFinite(new Float32Array(words.buffer, words.byteOffset, size), block);
}

/**
 * Content in chunks, from `offset` on, which is a multiple of the chunk size.
 * @param parts one behind the other. Borrowed: a chunk within one part is a view on it.
 */
export function* chunksOf(parts: readonly Uint8Array[], offset = 0): Generator<Chunk> {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  for (let at = offset; at < total; at += CHUNK_BYTES) {
    yield { offset: at, data: slice(parts, at, Math.min(at + CHUNK_BYTES, total)) };
  }
}

function slice(parts: readonly Uint8Array[], from: number, to: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const part of parts) {
    const piece = part.subarray(Math.max(0, from - start), Math.max(0, to - start));
    if (piece.length > 0) pieces.push(piece);
    start += part.length;
  }
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Uint8Array.from(Buffer.concat(pieces));
}

function aligned(content: Uint8Array): Uint8Array {
  return content.byteOffset % 4 === 0 ? content : Uint8Array.from(content);
}
