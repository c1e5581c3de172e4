import { once } from 'node:events';
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { CHUNK_BYTES } from '../../../shared/protocol/transfer.ts';
import { statusOf } from '../../../shared/transport/status.ts';
import {
  decodeFetchBlockRequest,
  encodeFetchBlockHeader,
  encodeFetchBlockResponse,
} from '../../../shared/wire/transfer-codec.ts';
import { blockBytes, chunksOf } from '../../../shared/wire/update-content.ts';
import type { StudyRegistry } from '../../studies/registry.ts';
import { authenticate } from '../authenticate.ts';
import { auditRefusal, claimedSender, type FrontDesk, readRequest, replyTo } from '../desk.ts';
import { peerKeyOf } from '../peer-key.ts';

type Call = ServerWritableStream<Uint8Array, Uint8Array>;

const PATH = '/consilium.v1.RoundsService/FetchBlock';

/**
 * Streams a block's values from an offset on: a signed header, then chunks that its hash covers.
 * @param stallMs a side that takes nothing for so long is given up.
 */
export function blockStream(
  desk: FrontDesk,
  studies: StudyRegistry,
  stallMs: number,
): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return (call) => {
    stream(call, { desk, studies, stallMs }).then(
      () => call.end(),
      // gRPC answers with the status of an error that is emitted; a stream that was destroyed would answer nothing.
      (error: unknown) => call.emit('error', Object.assign(new Error('call'), statusOf(error))),
    );
  };
}

interface StreamTools {
  readonly desk: FrontDesk;
  readonly studies: StudyRegistry;
  readonly stallMs: number;
}

async function stream(call: Call, { desk, studies, stallMs }: StreamTools): Promise<void> {
  const arrival = { path: PATH, peerKey: peerKeyOf(call) } as const;
  let sender = '';
  try {
    const request = readRequest(call.request, PATH);
    sender = claimedSender(request);
    const caller = authenticate(request, arrival, desk);
    const { studyHash, blockHash, offset } = decodeFetchBlockRequest(request.body);
    const study = studies.get(studyHash);
    const site = study.file.record.sites.find((each) => each === caller.id);
    if (site === undefined)
      throw new ConsiliumError('PERMISSION_DENIED', `${sender}: not a site of the study`);
    study.checkApproved(site);
    const bytes = blockBytes(await study.coordinator.fetchBlock(blockHash));
    if (offset > bytes.length || offset % CHUNK_BYTES !== 0) {
      throw new ConsiliumError(
        'WIRE_INVALID',
        `offset: expected a multiple of ${CHUNK_BYTES} up to ${bytes.length}, got ${offset}`,
      );
    }
    const header = encodeFetchBlockHeader({ blockHash, totalBytes: bytes.length, offset });
    const out = writer(call, { ended: caller.session?.ended, stallMs });
    try {
      await out.write(encodeFetchBlockResponse({ kind: 'header', ...replyTo(request, header, desk) }));
      for (const chunk of chunksOf([bytes], offset)) {
        study.watch.transferred(site);
        await out.write(encodeFetchBlockResponse({ kind: 'chunk', ...chunk }));
      }
    } finally {
      out.close();
    }
  } catch (error) {
    await auditRefusal(error, arrival, sender, desk);
    throw error;
  }
}

/** Writes one message after the other, and waits while the other side cannot take more. */
function writer(
  call: Call,
  { ended, stallMs }: { readonly ended: AbortSignal | undefined; readonly stallMs: number },
): { write(bytes: Uint8Array): Promise<void>; close(): void } {
  const over = new AbortController();
  const leave = () => over.abort(new ConsiliumError('INTERRUPTED', 'download: the caller has gone'));
  const end = () => over.abort(ended?.reason);
  call.once('cancelled', leave);
  ended?.addEventListener('abort', end, { once: true });
  if (call.cancelled) leave();
  if (ended?.aborted === true) end();
  return {
    async write(bytes) {
      over.signal.throwIfAborted();
      if (call.write(bytes)) return;
      const timer = setTimeout(
        () =>
          over.abort(
            new ConsiliumError('TIMED_OUT', 'download: expected the caller to read on, got nothing'),
          ),
        stallMs,
      );
      try {
        await once(call, 'drain', { signal: over.signal });
      } catch (error) {
        over.signal.throwIfAborted();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      call.off('cancelled', leave);
      ended?.removeEventListener('abort', end);
    },
  };
}
