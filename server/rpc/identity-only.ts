import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/**
 * Refuses every call whose messages could be compressed, before one is unpacked: tensors do not compress, bombs do
 * (`reliability.md` §9). gRPC itself would unpack gzip and deflate, has no setting against it, and keeps the header from
 * its interceptors; what it took from the header is read instead.
 */
export const identityOnly: ServerInterceptor = (_method, call) => {
  const { incomingEncoding } = call as { readonly incomingEncoding?: unknown };
  if (incomingEncoding !== 'identity') {
    call.sendStatus({ code: status.UNIMPLEMENTED, details: 'messages: expected no compression' });
  }
  return new ServerInterceptingCall(call);
};
