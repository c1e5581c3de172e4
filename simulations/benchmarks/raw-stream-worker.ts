import { once } from 'node:events';
import {
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { RAW_SERVICE, type RawServerTls } from './raw-stream-service.ts';

// The far end of `raw-stream.ts`, a process of its own: it makes bytes and drops bytes.

/** 4 bytes, big-endian: how many chunks; 4 more: of how many bytes. */
async function down(call: ServerWritableStream<Buffer, Buffer>): Promise<void> {
  const [chunks, bytes] = [call.request.readUInt32BE(0), call.request.readUInt32BE(4)];
  const chunk = Buffer.alloc(bytes, 1);
  for (let i = 0; i < chunks; i += 1) if (!call.write(chunk)) await once(call, 'drain');
  call.end();
}

function up(
  call: ServerReadableStream<Buffer, Buffer>,
  callback: (error: null, reply: Buffer) => void,
): void {
  let received = 0;
  call.on('data', ({ length }: Buffer) => {
    received += length;
  });
  call.on('end', () => {
    const reply = Buffer.alloc(8);
    reply.writeDoubleBE(received);
    callback(null, reply);
  });
}

process.once('message', (message) => {
  const { key, chain, root } = message as RawServerTls;
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(RAW_SERVICE, {
    down: (call: ServerWritableStream<Buffer, Buffer>) => void down(call),
    up,
  });
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(chain) };
  const credentials = ServerCredentials.createSsl(Buffer.from(root), [pair], true);
  server.bindAsync('127.0.0.1:0', credentials, (error, port) => process.send?.(error === null ? port : 0));
});
