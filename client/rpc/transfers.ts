import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { CHUNK_BYTES, chunkLength, type UploadManifest } from '../../shared/protocol/transfer.ts';
import { decodeSignedReply, encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import {
  decodeFetchBlockHeader,
  decodeFetchBlockResponse,
  decodeUploadProgress,
  encodeFetchBlockRequest,
  encodeUploadManifest,
  encodeUploadProgressRequest,
  encodeUploadRequest,
} from '../../shared/wire/transfer-codec.ts';
import { chunksOf } from '../../shared/wire/update-content.ts';
import type { SignedCalls } from './signed-calls.ts';

/**
 * The bytes of a block, which go on where a cut stopped them.
 * @param block `maxBytes`: of the largest block of the study; a header that promises more is refused.
 * @throws ConsiliumError `WIRE_INVALID` for bytes that are not what the hash says.
 */
export async function downloadBlock(
  calls: SignedCalls,
  block: { readonly studyHash: ContentHash; readonly blockHash: ContentHash; readonly maxBytes: number },
): Promise<Uint8Array> {
  let content: Uint8Array | undefined;
  let received = 0;
  const attempt = async () => {
    // A cut in mid-chunk leaves nothing of that chunk: the stream goes on at a multiple of it.
    const offset = received - (received % CHUNK_BYTES);
    received = offset;
    const body = encodeFetchBlockRequest({ ...block, offset });
    const request = await calls.sign('/consilium.v1.RoundsService/FetchBlock', body);
    const stall = stallTimer(calls.transferStallMs);
    try {
      const stream = calls.connection.download(
        '/consilium.v1.RoundsService/FetchBlock',
        encodeSignedRequest(request),
        { signal: stall.signal },
      );
      let isFirst = true;
      for await (const bytes of stream) {
        stall.restart();
        const message = decodeFetchBlockResponse(bytes);
        if (isFirst !== (message.kind === 'header')) throw invalid('expected one header, first');
        if (message.kind === 'header') {
          isFirst = false;
          const header = decodeFetchBlockHeader(calls.opened(message, request));
          const fits = header.blockHash === block.blockHash && header.offset === offset;
          if (!fits || header.totalBytes > block.maxBytes || header.totalBytes % 4 !== 0) {
            throw invalid(`expected a block of at most ${block.maxBytes} bytes from ${offset}, got another`);
          }
          content ??= new Uint8Array(header.totalBytes);
          if (content.length !== header.totalBytes)
            throw invalid('expected the length of before, got another');
          continue;
        }
        const target = content as Uint8Array;
        if (message.offset !== received || message.data.length !== chunkLength(target.length, received)) {
          throw invalid(`expected the chunk at ${received}, got one at ${message.offset}`);
        }
        target.set(message.data, received);
        received += message.data.length;
      }
    } catch (error) {
      throw stall.named(error, 'download');
    } finally {
      stall.clear();
    }
    if (content === undefined || received !== content.length) {
      throw new ConsiliumError(
        'UNREACHABLE',
        `download: expected ${content?.length ?? 'a header'}, got ${received} bytes`,
      );
    }
    return content;
  };
  const whole = await calls.retrying(attempt);
  if (sha256(whole) === block.blockHash) return whole;
  throw invalid(`expected bytes with hash ${block.blockHash}, got others`);
}

/** Brings content to the coordinator's disk, going on from what is durable there. @param parts Borrowed. */
export async function uploadContent(
  calls: SignedCalls,
  manifest: UploadManifest,
  parts: readonly Uint8Array[],
): Promise<void> {
  const { studyHash, site, round, contentHash, totalBytes } = manifest;
  const asked = encodeUploadProgressRequest({ studyHash, site, round, contentHash });
  await calls.retrying(async () => {
    const found = decodeUploadProgress(await calls.call('/consilium.v1.RoundsService/FindUpload', asked));
    if (found.durableBytes >= totalBytes && totalBytes > 0) return;
    const request = await calls.sign(
      '/consilium.v1.RoundsService/UploadUpdate',
      encodeUploadManifest(manifest),
    );
    const stall = stallTimer(calls.transferStallMs);
    try {
      const reply = await calls.connection.upload(
        '/consilium.v1.RoundsService/UploadUpdate',
        messages({ ...request }, parts, found.durableBytes),
        { signal: stall.signal, onSent: stall.restart },
      );
      const { durableBytes } = decodeUploadProgress(calls.opened(decodeSignedReply(reply), request));
      if (durableBytes === totalBytes) return;
      throw new ConsiliumError(
        'UNREACHABLE',
        `upload: expected ${totalBytes} durable bytes, got ${durableBytes}`,
      );
    } catch (error) {
      throw stall.named(error, 'upload');
    } finally {
      stall.clear();
    }
  });
}

function* messages(
  manifest: Awaited<ReturnType<SignedCalls['sign']>>,
  parts: readonly Uint8Array[],
  offset: number,
): Generator<Uint8Array> {
  yield encodeUploadRequest({ kind: 'manifest', ...manifest });
  for (const chunk of chunksOf(parts, offset)) yield encodeUploadRequest({ kind: 'chunk', ...chunk });
}

interface StallTimer {
  readonly signal: AbortSignal;
  restart(): void;
  clear(): void;
  /** The error as the stall that it comes from, where it does. */
  named(error: unknown, what: string): unknown;
}

/** Aborts once nothing has moved for so long. */
function stallTimer(stallMs: number): StallTimer {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), stallMs);
  return {
    signal: abort.signal,
    restart() {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), stallMs);
    },
    clear: () => clearTimeout(timer),
    named(error, what) {
      if (!abort.signal.aborted) return error;
      return new ConsiliumError('TIMED_OUT', `${what}: expected bytes, got none for ${stallMs / 1000} s`, {
        cause: error,
      });
    },
  };
}

function invalid(problem: string): ConsiliumError {
  return new ConsiliumError('WIRE_INVALID', `download: ${problem}`);
}
