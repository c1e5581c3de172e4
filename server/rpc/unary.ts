import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import { statusOf } from '../../shared/transport/status.ts';
import { encodeSignedReply } from '../../shared/wire/envelope-codec.ts';
import { authenticate } from './authenticate.ts';
import type { MethodPath } from './authorize.ts';
import { auditRefusal, claimedSender, type FrontDesk, readRequest, replyTo } from './desk.ts';
import { ownKeyOf } from './own-key.ts';
import { peerKeyOf } from './peer-key.ts';
import type { Route } from './route.ts';

type Call = ServerUnaryCall<Uint8Array, Uint8Array>;

/** A unary call from bytes to bytes: admitted, answered once per number of its session, signed. */
export function unary(
  path: MethodPath,
  route: Route,
  desk: FrontDesk,
): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call, callback) => {
    answer(path, route, desk, call).then(
      (reply) => callback(null, reply),
      (error: unknown) => callback(statusOf(error)),
    );
  };
}

async function answer(path: MethodPath, route: Route, desk: FrontDesk, call: Call): Promise<Uint8Array> {
  const arrival = { path, peerKey: peerKeyOf(call), ...ownKeyOf(path, call.request) };
  let sender = '';
  try {
    const request = readRequest(call.request, path);
    sender = claimedSender(request);
    const caller = authenticate(request, arrival, desk);
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    const { session } = caller;
    const signal = session === undefined ? gone.signal : AbortSignal.any([gone.signal, session.ended]);
    const act = () => route.answer(request.body, caller, signal);
    const body =
      session === undefined
        ? await act()
        : await session.replay.once(request.envelope.seq, request.envelope.bodyHash, act);
    return encodeSignedReply(replyTo(request, body, desk));
  } catch (error) {
    await auditRefusal(error, arrival, sender, desk);
    throw error;
  }
}
