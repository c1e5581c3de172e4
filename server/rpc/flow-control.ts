import type { ServerCredentials } from '@grpc/grpc-js';
import { COORDINATOR_OPTIONS, FLOW_WINDOW_BYTES } from '../../shared/transport/limits.ts';

/**
 * Lets a stream bring so many bytes before it has to wait for this side: 64 KiB, the default, is 1.3 MB a second over a
 * line with 50 ms. grpc-js has the setting for clients alone; the HTTP/2 server takes its own from the credentials.
 */
export function withWindow(credentials: ServerCredentials): ServerCredentials {
  const options = credentials._getConstructorOptions();
  const settings = {
    maxConcurrentStreams: COORDINATOR_OPTIONS['grpc.max_concurrent_streams'],
    initialWindowSize: FLOW_WINDOW_BYTES,
  };
  return Object.assign(credentials, { _getConstructorOptions: () => ({ ...options, settings }) });
}

/** As {@link withWindow}, for all streams of a call's connection together; without it where grpc-js hides its session. */
export function widenConnection(call: unknown): void {
  const { session } = (call as { call?: { stream?: { session?: Session } } }).call?.stream ?? {};
  if (session !== undefined && (session.state.localWindowSize ?? 0) < FLOW_WINDOW_BYTES) {
    session.setLocalWindowSize(FLOW_WINDOW_BYTES);
  }
}

interface Session {
  readonly state: { readonly localWindowSize?: number };
  setLocalWindowSize(bytes: number): void;
}
