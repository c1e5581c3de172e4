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
    const until = { ended: caller.session?.ended, stallMs };
    await write(call, encodeFetchBlockResponse({ kind: 'header', ...replyTo(request, header, desk) }), until);
    for (const chunk of chunksOf([bytes], offset)) {
      study.watch.transferred(site);
      await write(call, encodeFetchBlockResponse({ kind: 'chunk', ...chunk }), until);
    }
  } catch (error) {
    await auditRefusal(error, arrival, sender, desk);
    throw error;
  }
}

/** Waits while the other side cannot take more. */
async function write(
  call: Call,
  bytes: Uint8Array,
  { ended, stallMs }: { readonly ended: AbortSignal | undefined; readonly stallMs: number },
): Promise<void> {
  ended?.throwIfAborted();
  if (call.cancelled) throw new ConsiliumError('INTERRUPTED', 'download: the caller has gone');
  if (call.write(bytes)) return;
  const stall = AbortSignal.timeout(stallMs);
  const gone = new AbortController();
  const leave = () => gone.abort();
  call.once('cancelled', leave);
  try {
    await once(call, 'drain', { signal: AbortSignal.any([stall, gone.signal, ...(ended ? [ended] : [])]) });
  } catch (cause) {
    const code = stall.aborted ? 'TIMED_OUT' : 'INTERRUPTED';
    throw new ConsiliumError(code, 'download: expected the caller to read on, got nothing', { cause });
  } finally {
    call.off('cancelled', leave);
  }
}
