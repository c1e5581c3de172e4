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

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
const INITIAL_WINDOW_SIZE = 4;
const FIRST_WINDOW_BYTES = 65_535;

/** A frame as it goes over the line (RFC 9113 §4.1). */
function frameOf(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The headers of a call, each as a literal without an index (RFC 7541 §6.2.2); none is longer than 126 bytes. */
function headersOf(path: string): Buffer {
  const fields = [
    [':method', 'POST'],
    [':scheme', 'https'],
    [':path', path],
    [':authority', 'coordinator'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ];
  const text = (value: string) => Buffer.concat([Uint8Array.of(value.length), Buffer.from(value)]);
  return Buffer.concat(
    fields.flatMap(([name = '', value = '']) => [Uint8Array.of(0), text(name), text(value)]),
  );
}

/** HTTP/2 by hand, for what no library sends. */
export interface RawFrames {
  /** Whether the other side has ended the connection, or said that it will. */
  isOver(): boolean;
  /** Writes so many empty SETTINGS, each of which wants an answer. */
  settings(count: number): Promise<void>;
  /** Opens so many calls and resets each at once. @returns after how many the connection was over. */
  resets(count: number, path: string): Promise<number>;
  /** A call whose body comes in DATA frames of one byte each, as fast as the other side lets them in. Resolves when the call ends. */
  byteByByte(path: string, body: Uint8Array): Promise<void>;
  destroy(): void;
}

/** @param socket as {@link rawTls} gives it. Given. */
export function rawFrames(socket: TLSSocket): RawFrames {
  let isOver = false;
  let lastStream = -1;
  const windows = new Map<number, number>();
  const ended = new Set<number>();
  let first = FIRST_WINDOW_BYTES;
  let changed = (): void => undefined;
  let rest = Buffer.alloc(0);
  const over = () => {
    isOver = true;
    changed();
  };
  socket
    .on('close', over)
    .on('end', over)
    .on('drain', () => changed());
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const [type, flags, stream] = [rest.readUInt8(3), rest.readUInt8(4), rest.readUInt32BE(5)];
      const payload = rest.subarray(9, 9 + rest.readUIntBE(0, 3));
      rest = rest.subarray(9 + payload.length);
      if (type === GOAWAY) isOver = true;
      if (type === RST_STREAM || (type === HEADERS && (flags & END_STREAM) !== 0)) ended.add(stream);
      if (type === WINDOW_UPDATE) windows.set(stream, windowOf(stream) + payload.readUInt32BE(0));
      if (type === SETTINGS && (flags & ACK) === 0) {
        for (let at = 0; at < payload.length; at += 6)
          if (payload.readUInt16BE(at) === INITIAL_WINDOW_SIZE) newFirst(payload.readUInt32BE(at + 2));
        socket.write(frameOf(SETTINGS, ACK, 0));
      }
      if (type === PING && (flags & ACK) === 0) socket.write(frameOf(PING, ACK, 0, payload));
    }
    changed();
  });
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frameOf(SETTINGS, 0, 0)]));

  /** Streams that are open already gain or lose the difference (RFC 9113 §6.9.2). */
  function newFirst(bytes: number): void {
    for (const [stream, left] of windows) if (stream !== 0) windows.set(stream, left + bytes - first);
    first = bytes;
  }

  function windowOf(stream: number): number {
    return windows.get(stream) ?? (stream === 0 ? FIRST_WINDOW_BYTES : first);
  }

  /** Writes, and waits while the line is full. */
  async function write(bytes: Uint8Array): Promise<void> {
    if (isOver) return;
    socket.write(bytes);
    while (socket.writableNeedDrain && !isOver) await change();
  }

  function change(): Promise<void> {
    return new Promise((resolve) => {
      changed = resolve;
    });
  }

  return {
    isOver: () => isOver,
    async settings(count) {
      const batch = Buffer.concat(Array.from({ length: 1000 }, () => frameOf(SETTINGS, 0, 0)));
      for (let sent = 0; sent < count && !isOver; sent += 1000) await write(batch);
    },
    async resets(count, path) {
      const headers = headersOf(path);
      const cancel = Buffer.from([0, 0, 0, 8]);
      for (let sent = 0; sent < count; sent++) {
        if (isOver) return sent;
        lastStream += 2;
        await write(
          Buffer.concat([
            frameOf(HEADERS, END_HEADERS, lastStream, headers),
            frameOf(RST_STREAM, 0, lastStream, cancel),
          ]),
        );
        if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return count;
    },
    async byteByByte(path, body) {
      lastStream += 2;
      const stream = lastStream;
      socket.write(frameOf(HEADERS, END_HEADERS, stream, headersOf(path)));
      for (let sent = 0; sent < body.length; ) {
        const room = Math.min(windowOf(0), windowOf(stream), 10_000, body.length - sent);
        if (isOver || ended.has(stream)) return;
        if (room <= 0) {
          await change();
          continue;
        }
        const frames = Array.from({ length: room }, (_, i) =>
          frameOf(
            DATA,
            sent + i + 1 === body.length ? END_STREAM : 0,
            stream,
            body.subarray(sent + i, sent + i + 1),
          ),
        );
        for (const each of [0, stream]) windows.set(each, windowOf(each) - room);
        sent += room;
        await write(Buffer.concat(frames));
      }
      while (!ended.has(stream) && !isOver) await change();
    },
    destroy: () => socket.destroy(),
  };
}

/** So many calls that are reset as soon as they are opened, over as many connections as the other side's patience needs. @returns how many those were. */
export async function rapidResets(
  open: () => Promise<RawFrames>,
  options: { readonly count: number; readonly path: string },
): Promise<number> {
  let lines = 0;
  for (let left = options.count; left > 0; lines++) {
    const line = await open();
    left -= await line.resets(left, options.path);
    line.destroy();
  }
  return lines;
}
