import { isIP } from 'node:net';
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { readCertificate } from '../../shared/crypto/certificates.ts';
import { CHANNEL_FAILURES, SITE_OPTIONS } from '../../shared/transport/limits.ts';
import { methodDefinition } from '../../shared/transport/service-definition.ts';
import { errorOf, retryAfterMsOf } from '../../shared/transport/status.ts';
import { requireTls13 } from '../../shared/transport/tls.ts';
import type { METHODS } from '../../shared/wire/generated/methods.ts';

export type MethodPath = keyof typeof METHODS;

/** The line to the coordinator, which this side alone opens. Bytes in, bytes out; every call has a deadline. */
export interface Connection {
  unary(path: MethodPath, request: Uint8Array, options: WireCallOptions): Promise<Uint8Array>;
  /** The answers of a streaming call, as they come; the caller stops by leaving the loop. */
  download(
    path: MethodPath,
    request: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /** Sends the requests one after the other, as fast as the other side takes them. */
  upload(
    path: MethodPath,
    requests: Iterable<Uint8Array>,
    options: { readonly signal: AbortSignal; readonly onSent?: () => void },
  ): Promise<Uint8Array>;
  /** New calls go over a new channel, with the certificate as it is now; those under way end on the old one. */
  reopen(): void;
  close(): void;
}

export interface WireCallOptions {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface ConnectionOptions {
  /** Wall clock: what gRPC counts deadlines by. */
  readonly clock: Clock;
  /** `host:port`. */
  readonly address: string;
  /** `unproved`: whoever answers is taken, for a first contact that fetches what proves itself and tells nothing. */
  readonly tls: ProvedTls | 'unproved';
}

export interface ProvedTls {
  /** PEM roots of the consortium. */
  readonly roots: string;
  /** PEM; undefined where this side has no certificate yet, or needs none. Read again whenever a channel is opened. */
  readonly own: { readonly key: string; readonly chain: string } | undefined;
  /** Hashes of the TLS keys that the coordinator may have now. */
  readonly pinned: () => readonly ContentHash[];
}

export function connect(options: ConnectionOptions): Connection {
  requireTls13();
  let client = open(options);
  let failures = 0;
  let hasServed = false;

  /** A channel that fails again and again is made anew: it may hold on to an address that has moved. */
  function reopen(): void {
    failures = 0;
    hasServed = false;
    client.close();
    client = open(options);
  }

  function settled(error: ConsiliumError | undefined): void {
    hasServed ||= error === undefined;
    // A line that swallows what it used to carry is lost; a first call may wait for its turn among many sites.
    const isLost = error?.code === 'UNREACHABLE' || (error?.code === 'TIMED_OUT' && hasServed);
    failures = isLost ? failures + 1 : 0;
    if (failures >= CHANNEL_FAILURES) reopen();
  }

  return {
    unary(path, request, { deadlineMs, signal }) {
      const { requestSerialize, responseDeserialize } = methodDefinition(path);
      return new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          new Metadata(),
          { deadline: options.clock.now() + deadlineMs },
          (error, reply) => {
            untie();
            const failure = error === null ? undefined : failed(error);
            settled(failure);
            if (failure !== undefined) reject(failure);
            else resolve(reply as Uint8Array);
          },
        );
        const untie = tie(call, signal);
      });
    },
    async *download(path, request, { signal }) {
      const { requestSerialize, responseDeserialize } = methodDefinition(path);
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
      const untie = tie(call, signal);
      try {
        for await (const message of call) yield message as Uint8Array;
        settled(undefined);
      } catch (error) {
        const failure = failed(error as ServiceError);
        settled(failure);
        throw failure;
      } finally {
        untie();
        call.cancel();
      }
    },
    upload(path, requests, { signal, onSent }) {
      const { requestSerialize, responseDeserialize } = methodDefinition(path);
      return new Promise((resolve, reject) => {
        let isOver = false;
        const call = client.makeClientStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          (error, reply) => {
            isOver = true;
            untie();
            const failure = error === null ? undefined : failed(error);
            settled(failure);
            if (failure !== undefined) reject(failure);
            else resolve(reply as Uint8Array);
          },
        );
        const untie = tie(call, signal);
        const left = requests[Symbol.iterator]();
        const send = () => {
          while (!isOver) {
            const { value, done } = left.next();
            if (done === true) {
              call.end();
              return;
            }
            const hasRoom = call.write(value);
            onSent?.();
            if (!hasRoom) {
              call.once('drain', send);
              return;
            }
          }
        };
        send();
      });
    },
    reopen,
    close: () => client.close(),
  };
}

/** Cancels the call with `signal`. @returns what unties them once the call is over. */
function tie(call: { cancel(): void }, signal: AbortSignal): () => void {
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  return () => signal.removeEventListener('abort', cancel);
}

function open({ address, tls }: ConnectionOptions): Client {
  const secure =
    tls === 'unproved'
      ? credentials.createSsl(null, null, null, {
          rejectUnauthorized: false,
          checkServerIdentity: () => undefined,
        })
      : provedBy(tls);
  return new Client(address, secure, { ...SITE_OPTIONS, ...serverName(address) });
}

function provedBy({ roots, own, pinned }: ProvedTls): ChannelCredentials {
  return credentials.createSsl(
    Buffer.from(roots),
    own === undefined ? null : Buffer.from(own.key),
    own === undefined ? null : Buffer.from(own.chain),
    {
      checkServerIdentity(host, { raw }) {
        const { spkiHash } = readCertificate(raw);
        if (pinned().includes(spkiHash)) return undefined;
        return new Error(`${host}: expected a TLS key of the roster, got ${spkiHash}`);
      },
    },
  );
}

/** TLS names no IP address (RFC 6066 §3); whose certificate it is, its key says. */
function serverName(address: string): { readonly 'grpc.ssl_target_name_override'?: string } {
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? {} : { 'grpc.ssl_target_name_override': 'coordinator' };
}

function failed(error: ServiceError): ConsiliumError {
  const retryAfterMs = retryAfterMsOf(error);
  const failure = errorOf(error);
  if (retryAfterMs === undefined) return failure;
  return new ConsiliumError(failure.code, failure.message, { cause: { retryAfterMs, error } });
}
