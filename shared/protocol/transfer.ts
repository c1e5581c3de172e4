import type { BlockId, ContentHash, SiteId } from '../core/ids.ts';
import type { SignedReply, SignedRequest } from './envelope.ts';

/** Content travels in chunks of this many bytes, the last one less. */
export const CHUNK_BYTES = 2 ** 20;
/** Content of one upload at most. */
export const MAX_UPLOAD_BYTES = 2 ** 30;

/** Part of a stream of bytes. */
export interface Chunk {
  /** Bytes before this chunk; a multiple of {@link CHUNK_BYTES}. */
  readonly offset: number;
  /** Borrowed. */
  readonly data: Uint8Array;
}

export interface FetchBlockRequest {
  readonly studyHash: ContentHash;
  readonly blockHash: ContentHash;
  /** Where to go on; a multiple of {@link CHUNK_BYTES}. */
  readonly offset: number;
}

/** What follows on a stream of a block's values: float32, little-endian. */
export interface FetchBlockHeader {
  readonly blockHash: ContentHash;
  readonly totalBytes: number;
  readonly offset: number;
}

export type FetchBlockResponse =
  /** First, and only once. Body: {@link FetchBlockHeader}. */
  ({ readonly kind: 'header' } & SignedReply) | ({ readonly kind: 'chunk' } & Chunk);

/** What a site is about to upload. */
export interface UploadManifest {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
  readonly round: number;
  readonly totalBytes: number;
  readonly contentHash: ContentHash;
  /** Of each chunk. */
  readonly chunkHashes: readonly ContentHash[];
  readonly content: UploadContent;
}

export type UploadContent =
  | {
      /** The blocks' vectors in the order given here: int32, two's complement, little-endian. */
      readonly kind: 'update';
      readonly blocks: readonly BlockHeader[];
      readonly loss: number;
    }
  /** Masked vectors of a secure session, in the order given here: words of 32 bits, little-endian. */
  | {
      readonly kind: 'masked';
      /** sid. */
      readonly session: ContentHash;
      readonly blocks: readonly MaskedVector[];
    }
  /** An encoded `Evaluation`. */
  | { readonly kind: 'evaluation'; readonly part: 'validation' | 'test' };

/** A block of an update without its vector. */
export interface BlockHeader {
  readonly block: BlockId;
  readonly weight: number;
  readonly steps: number;
  readonly clipped: boolean;
  /** Length of the vector. */
  readonly values: number;
}

export interface MaskedVector {
  readonly block: BlockId;
  /** Length of the vector, its header included. */
  readonly values: number;
}

export type UploadRequest =
  /** First, and only once. Body: {@link UploadManifest}. */
  | ({ readonly kind: 'manifest' } & SignedRequest)
  /** From the durable offset on, in order, none twice. */
  | ({ readonly kind: 'chunk' } & Chunk);

export interface UploadProgressRequest {
  readonly studyHash: ContentHash;
  readonly site: SiteId;
  readonly round: number;
  readonly contentHash: ContentHash;
}

/** How much of an upload is on the coordinator's disk. */
export interface UploadProgress {
  readonly contentHash: ContentHash;
  /** A multiple of {@link CHUNK_BYTES}, or the whole length. */
  readonly durableBytes: number;
}

/** How many chunks content has. */
export function chunkCount(totalBytes: number): number {
  return Math.ceil(totalBytes / CHUNK_BYTES);
}

/** How long the chunk at `offset` must be; 0 at or behind the end. */
export function chunkLength(totalBytes: number, offset: number): number {
  return Math.max(0, Math.min(CHUNK_BYTES, totalBytes - offset));
}
