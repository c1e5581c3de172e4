import { blockId, siteId, sumId } from '../core/ids.ts';
import {
  type BlockHeader,
  CHUNK_BYTES,
  type Chunk,
  chunkCount,
  type FetchBlockHeader,
  type FetchBlockRequest,
  type FetchBlockResponse,
  MAX_UPLOAD_BYTES,
  type MaskedVector,
  type UploadContent,
  type UploadManifest,
  type UploadProgress,
  type UploadProgressRequest,
  type UploadRequest,
} from '../protocol/transfer.ts';
import { encodeChunkMember } from './chunk-writer.ts';
import { signedReply, signedRequest } from './envelope-codec.ts';
import {
  borrowedBytes,
  enumeration,
  finite,
  flag,
  hash,
  hashes,
  id,
  list,
  mapped,
  uint32,
  uint64,
  whole,
} from './fields.ts';
import { consilium } from './generated/consilium.js';
import { message, oneof, union } from './message.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

export const part = enumeration({ validation: 1, test: 2 });

const blockHeader = message<BlockHeader, consilium.v1.BlockHeader.$Properties>(
  'BlockHeader',
  v1.BlockHeader,
  {
    block: id(blockId),
    weight: uint32,
    steps: uint32,
    clipped: flag,
    values: uint32,
  },
);

const chunk = message<Chunk, consilium.v1.Chunk.$Properties>('Chunk', v1.Chunk, {
  offset: mapped<number, number, number>(uint64, atChunk, atChunk),
  data: mapped<Uint8Array, Uint8Array, Uint8Array>(borrowedBytes, ofChunk, ofChunk),
});

type UpdateContent = Omit<Extract<UploadContent, { readonly kind: 'update' }>, 'kind'>;
type MaskedContent = Omit<Extract<UploadContent, { readonly kind: 'masked' }>, 'kind'>;
type EvaluationContent = Omit<Extract<UploadContent, { readonly kind: 'evaluation' }>, 'kind'>;

const manifest = message<UploadManifest, consilium.v1.UploadManifest.$Properties>(
  'UploadManifest',
  v1.UploadManifest,
  {
    studyHash: hash,
    site: id(siteId),
    round: uint32,
    totalBytes: whole(0, MAX_UPLOAD_BYTES),
    contentHash: hash,
    chunkHashes: hashes,
    content: oneof<UploadContent, consilium.v1.UploadManifest.$Properties>(
      { update: 'update', masked: 'masked', evaluation: 'evaluation' },
      {
        update: message<UpdateContent, consilium.v1.UpdateHeader.$Properties>(
          'UpdateHeader',
          v1.UpdateHeader,
          {
            blocks: list(blockHeader),
            loss: finite,
          },
        ),
        masked: message<MaskedContent, consilium.v1.MaskedHeader.$Properties>(
          'MaskedHeader',
          v1.MaskedHeader,
          {
            session: hash,
            blocks: list(
              message<MaskedVector, consilium.v1.MaskedVector.$Properties>('MaskedVector', v1.MaskedVector, {
                block: id(sumId),
                values: uint32,
              }),
            ),
          },
        ),
        evaluation: message<EvaluationContent, consilium.v1.EvaluationHeader.$Properties>(
          'EvaluationHeader',
          v1.EvaluationHeader,
          { part },
        ),
      },
    ),
  },
);

export const { encode: encodeFetchBlockRequest, decode: decodeFetchBlockRequest } = message<
  FetchBlockRequest,
  consilium.v1.FetchBlockRequest.$Properties
>('FetchBlockRequest', v1.FetchBlockRequest, {
  studyHash: hash,
  blockHash: hash,
  offset: mapped<number, number, number>(uint64, atChunk, atChunk),
});

export const { encode: encodeFetchBlockHeader, decode: decodeFetchBlockHeader } = message<
  FetchBlockHeader,
  consilium.v1.FetchBlockHeader.$Properties
>('FetchBlockHeader', v1.FetchBlockHeader, {
  blockHash: hash,
  totalBytes: uint64,
  offset: mapped<number, number, number>(uint64, atChunk, atChunk),
});

/** Of both messages that are a chunk or something else: its number there. */
const CHUNK_FIELD = 2;

const fetchBlockResponse = union(
  'FetchBlockResponse',
  v1.FetchBlockResponse,
  oneof<FetchBlockResponse, consilium.v1.FetchBlockResponse.$Properties>(
    { header: 'header', chunk: 'chunk' },
    { header: signedReply, chunk },
  ),
);

export function encodeFetchBlockResponse(value: FetchBlockResponse): Uint8Array {
  return value.kind === 'chunk' ? encodeChunk(value) : fetchBlockResponse.encode(value);
}

/** Body and data are Borrowed. */
export const { decode: decodeFetchBlockResponse } = fetchBlockResponse;

const uploadRequest = union(
  'UploadRequest',
  v1.UploadRequest,
  oneof<UploadRequest, consilium.v1.UploadRequest.$Properties>(
    { manifest: 'manifest', chunk: 'chunk' },
    { manifest: signedRequest, chunk },
  ),
);

export function encodeUploadRequest(value: UploadRequest): Uint8Array {
  return value.kind === 'chunk' ? encodeChunk(value) : uploadRequest.encode(value);
}

/** Body and data are Borrowed. */
export const { decode: decodeUploadRequest } = uploadRequest;

function encodeChunk({ offset, data }: Chunk): Uint8Array {
  return encodeChunkMember(CHUNK_FIELD, {
    offset: atChunk(offset, 'Chunk.offset'),
    data: ofChunk(data, 'Chunk.data'),
  });
}

export const { encode: encodeUploadProgressRequest, decode: decodeUploadProgressRequest } = message<
  UploadProgressRequest,
  consilium.v1.UploadProgressRequest.$Properties
>('UploadProgressRequest', v1.UploadProgressRequest, {
  studyHash: hash,
  site: id(siteId),
  round: uint32,
  contentHash: hash,
});

export const { encode: encodeUploadProgress, decode: decodeUploadProgress } = message<
  UploadProgress,
  consilium.v1.UploadProgress.$Properties
>('UploadProgress', v1.UploadProgress, { contentHash: hash, durableBytes: uint64 });

/** @throws ConsiliumError `WIRE_INVALID`, also where lengths, chunks and blocks do not add up. */
export function encodeUploadManifest(value: UploadManifest): Uint8Array {
  return manifest.encode(consistent(value));
}

/** @throws ConsiliumError `WIRE_INVALID`, as {@link encodeUploadManifest}. */
export function decodeUploadManifest(bytes: Uint8Array): UploadManifest {
  return consistent(manifest.decode(bytes));
}

function consistent(value: UploadManifest): UploadManifest {
  const { totalBytes, chunkHashes, content } = value;
  const chunks = chunkCount(totalBytes);
  if (chunkHashes.length !== chunks) {
    throw wireInvalid('UploadManifest.chunkHashes', `expected ${chunks}, got ${chunkHashes.length}`);
  }
  if (content.kind !== 'evaluation') requireVectors(content, totalBytes);
  return value;
}

/** Four bytes a value, no more and no less, and no block twice. */
function requireVectors(
  { kind, blocks }: Exclude<UploadContent, { readonly kind: 'evaluation' }>,
  totalBytes: number,
): void {
  const seen = new Set<string>();
  let values = 0;
  for (const { block, values: length } of blocks) {
    if (seen.has(block))
      throw wireInvalid(`UploadManifest.${kind}.blocks`, `expected ${block} once, got it twice`);
    seen.add(block);
    values += length;
  }
  if (4 * values !== totalBytes) {
    throw wireInvalid(
      'UploadManifest.totalBytes',
      `expected ${4 * values} for ${values} values, got ${totalBytes}`,
    );
  }
}

function atChunk(offset: number, where: string): number {
  if (offset % CHUNK_BYTES === 0) return offset;
  throw wireInvalid(where, `expected a multiple of ${CHUNK_BYTES}, got ${offset}`);
}

function ofChunk(data: Uint8Array, where: string): Uint8Array {
  if (data.length > 0 && data.length <= CHUNK_BYTES) return data;
  throw wireInvalid(where, `expected 1..${CHUNK_BYTES} bytes, got ${data.length}`);
}
