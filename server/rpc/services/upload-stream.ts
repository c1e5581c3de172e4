import type { handleClientStreamingCall, ServerReadableStream } from '@grpc/grpc-js';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { BlockId, ContentHash } from '../../../shared/core/ids.ts';
import type { SignedRequest } from '../../../shared/protocol/envelope.ts';
import { chunkCount, type UploadManifest } from '../../../shared/protocol/transfer.ts';
import { sessionId } from '../../../shared/secagg/session-id.ts';
import { HEADER } from '../../../shared/secagg/vector.ts';
import { MAX_UPLOADS } from '../../../shared/transport/limits.ts';
import { statusOf, turnedAway } from '../../../shared/transport/status.ts';
import { encodeSignedReply } from '../../../shared/wire/envelope-codec.ts';
import {
  decodeUploadManifest,
  decodeUploadRequest,
  encodeUploadProgress,
} from '../../../shared/wire/transfer-codec.ts';
import type { StudyRegistry } from '../../studies/registry.ts';
import type { RunningStudy } from '../../studies/running-study.ts';
import { secureRecordOf } from '../../studies/secure-audit.ts';
import { authenticate } from '../authenticate.ts';
import { speaksForItself } from '../authorize.ts';
import type { Caller } from '../caller.ts';
import { auditRefusal, claimedSender, type FrontDesk, replyTo } from '../desk.ts';
import { widenConnection } from '../flow-control.ts';
import { peerKeyOf } from '../peer-key.ts';

type Call = ServerReadableStream<Uint8Array, Uint8Array>;

const PATH = '/consilium.v1.RoundsService/UploadUpdate';
const RETRY_AFTER_MS = 2000;
/** An evaluation: sums of every subset, none of them per patient. */
const MAX_EVALUATION_BYTES = 64 * 2 ** 20;

/**
 * Takes in content chunk by chunk; what was synced stays when the stream breaks.
 * @param stallMs a stream that stays silent for so long is ended.
 */
export function uploadStream(
  desk: FrontDesk,
  studies: StudyRegistry,
  stallMs: number,
): handleClientStreamingCall<Uint8Array, Uint8Array> {
  const busy = new Set<string>();
  return (call, callback) => {
    receive(call, { desk, studies, busy, stallMs }).then(
      (reply) => callback(null, reply),
      (error: unknown) => callback(statusOf(error)),
    );
  };
}

interface UploadTools {
  readonly desk: FrontDesk;
  readonly studies: StudyRegistry;
  /** Senders whose uploads are under way. */
  readonly busy: Set<string>;
  readonly stallMs: number;
}

async function receive(call: Call, { desk, studies, busy, stallMs }: UploadTools): Promise<Uint8Array> {
  const arrival = { path: PATH, peerKey: peerKeyOf(call) } as const;
  let sender = '';
  widenConnection(call);
  const messages = inTime(call, stallMs);
  try {
    const opening = await messages.next();
    const first = opening.done === true ? undefined : decodeUploadRequest(opening.value);
    if (first?.kind !== 'manifest')
      throw new ConsiliumError('WIRE_INVALID', 'upload: expected a manifest first');
    sender = claimedSender(first);
    const caller = authenticate(first, arrival, desk);
    const manifest = decodeUploadManifest(first.body);
    const study = admitUpload(manifest, caller, studies);
    if (busy.has(sender) || busy.size >= MAX_UPLOADS) {
      throw turnedAway(`upload of ${sender}: ${MAX_UPLOADS} uploads are under way`, RETRY_AFTER_MS);
    }
    busy.add(sender);
    const ended = caller.session?.ended;
    const cut = () => call.destroy(ended?.reason);
    ended?.addEventListener('abort', cut, { once: true });
    try {
      return await store(messages, { manifest, study, caller, request: first }, desk);
    } finally {
      ended?.removeEventListener('abort', cut);
      busy.delete(sender);
    }
  } catch (error) {
    await auditRefusal(error, arrival, sender, desk);
    throw error;
  } finally {
    await messages.return(undefined);
  }
}

async function store(
  messages: AsyncIterable<Uint8Array>,
  upload: {
    readonly manifest: UploadManifest;
    readonly study: RunningStudy;
    readonly caller: Caller;
    readonly request: SignedRequest;
  },
  desk: FrontDesk,
): Promise<Uint8Array> {
  const { manifest, study, caller, request } = upload;
  const receiving = await study.staging.receive(manifest);
  let durableBytes = receiving.offset;
  try {
    for await (const bytes of messages) {
      caller.session?.ended.throwIfAborted();
      const message = decodeUploadRequest(bytes);
      if (message.kind !== 'chunk')
        throw new ConsiliumError('WIRE_INVALID', 'upload: expected one manifest, got two');
      await receiving.add(message);
      study.watch.transferred(manifest.site);
    }
  } finally {
    durableBytes = await receiving.close();
  }
  const body = encodeUploadProgress({ contentHash: manifest.contentHash, durableBytes });
  return encodeSignedReply(replyTo(request, body, desk));
}

/** Refuses, before a byte is taken, what could not be an update of the study. */
function admitUpload(manifest: UploadManifest, caller: Caller, studies: StudyRegistry): RunningStudy {
  const { site, totalBytes, chunkHashes, content } = manifest;
  speaksForItself(caller, site);
  const study = studies.get(manifest.studyHash);
  study.checkApproved(site);
  const where = `upload of ${site}`;
  if (chunkHashes.length !== chunkCount(totalBytes)) {
    throw new ConsiliumError(
      'WIRE_INVALID',
      `${where}: expected ${chunkCount(totalBytes)} chunk hashes, got ${chunkHashes.length}`,
    );
  }
  if (content.kind === 'evaluation') {
    if (totalBytes <= MAX_EVALUATION_BYTES) return study;
    throw new ConsiliumError(
      'WIRE_INVALID',
      `${where}: expected at most ${MAX_EVALUATION_BYTES} bytes, got ${totalBytes}`,
    );
  }
  const sizes = content.kind === 'masked' ? maskedSizes(study, content.session) : study.sizes;
  for (const { block, values } of content.blocks) {
    const size = sizes.get(block);
    if (size !== values) {
      throw new ConsiliumError(
        'WIRE_INVALID',
        `${where}: expected ${size ?? 0} values of ${block}, got ${values}`,
      );
    }
  }
  const expected = content.blocks.reduce((sum, { values }) => sum + 4 * values, 0);
  if (
    totalBytes === expected &&
    new Set(content.blocks.map(({ block }) => block)).size === content.blocks.length
  ) {
    return study;
  }
  throw new ConsiliumError(
    'WIRE_INVALID',
    `${where}: expected ${expected} bytes of different blocks, got ${totalBytes}`,
  );
}

/** Lengths of the session's vectors; of a round's update in one that is not open any more: its commit is answered so. */
function maskedSizes(study: RunningStudy, session: ContentHash): ReadonlyMap<BlockId, number> {
  const context = secureRecordOf(study.coordinator.state())?.context;
  if (context !== undefined && sessionId(context) === session) {
    return new Map(context.blocks.map(({ block, length }) => [block, length]));
  }
  return new Map([...study.sizes].map(([block, size]) => [block, HEADER + size]));
}

async function* inTime(call: Call, stallMs: number): AsyncGenerator<Uint8Array, undefined, undefined> {
  let timer: NodeJS.Timeout | undefined;
  const rearm = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => call.destroy(new ConsiliumError('TIMED_OUT', 'upload: expected bytes, got none')),
      stallMs,
    );
  };
  try {
    rearm();
    for await (const message of call) {
      clearTimeout(timer);
      yield message as Uint8Array;
      rearm();
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
