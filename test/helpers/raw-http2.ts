import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import type { EquippedParty } from '../../shared/identity/trial.ts';

/** What a call ended with: gRPC's status, or why there was none. */
export interface RawStatus {
  /** `grpc-status`; undefined where the stream was reset before one came. */
  readonly status: number | undefined;
  readonly message: string;
  /** `consilium-code`. */
  readonly code: string | undefined;
}

type Party = Pick<EquippedParty, 'tls' | 'chain'>;

function secured(roots: string, party: Party | undefined): ConnectionOptions {
  return {
    ca: roots,
    servername: 'coordinator',
    checkServerIdentity: () => undefined,
    ...(party && { key: party.tls.privateKeyPem, cert: certificatesPem(party.chain) }),
  };
}

/** TLS to the coordinator's door, and nothing on top of it. */
export function rawTls(port: number, roots: string, party?: Party): TLSSocket {
  const options = { ...secured(roots, party), host: '127.0.0.1', port, ALPNProtocols: ['h2'] };
  const socket = connectTls(options);
  socket.on('error', () => undefined);
  return socket;
}

/** HTTP/2 without gRPC on top of it. */
export function rawHttp2(port: number, roots: string, party: Party): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${port}`, secured(roots, party));
  session.on('error', () => undefined);
  return session;
}

/** A message as gRPC frames it. */
export function framed(message: Uint8Array, flag: 0 | 1 = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export interface RawStream {
  write(bytes: Uint8Array): void;
  end(): void;
  /** Cuts the stream as a lost line would. */
  reset(): void;
  readonly ended: Promise<RawStatus>;
}

/** A call under way. */
export function rawStream(
  session: ClientHttp2Session,
  path: string,
  headers: OutgoingHttpHeaders = {},
): RawStream {
  const found: Record<string, unknown> = {};
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const note = (fields: object) => Object.assign(found, fields);
  stream
    .on('response', note)
    .on('trailers', note)
    .on('error', () => undefined);
  stream.resume();
  const ended = new Promise<RawStatus>((resolve) => {
    // The coordinator's end of the stream is its answer; the caller's own end may stay open.
    stream.on('end', () => stream.close());
    stream.on('close', () => {
      const { 'grpc-status': status, 'grpc-message': message = '', 'consilium-code': code } = found;
      resolve({
        status: status === undefined ? undefined : Number(status),
        message: decodeURIComponent(String(message)),
        code: code === undefined ? undefined : String(code),
      });
    });
  });
  return {
    write: (bytes) => {
      stream.write(bytes);
    },
    end: () => {
      stream.end();
    },
    reset: () => stream.close(constants.NGHTTP2_CANCEL),
    ended,
  };
}

/** Sends headers and these bytes, piece by piece, and waits for the end of the stream. */
export function rawCall(
  session: ClientHttp2Session,
  path: string,
  pieces: Iterable<Uint8Array>,
  headers: OutgoingHttpHeaders = {},
): Promise<RawStatus> {
  const stream = rawStream(session, path, headers);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return stream.ended;
}
