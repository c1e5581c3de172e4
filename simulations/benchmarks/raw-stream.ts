import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { CHUNK_BYTES, chunkCount } from '../../shared/protocol/transfer.ts';
import { RAW_SERVICE, type RawServerTls } from './raw-stream-service.ts';

/**
 * The floor of a round over the network: as many bytes as each site downloads and uploads, in chunks as large, between
 * two processes over grpc-js and mutual TLS, one connection a site, all sites at once. Nothing is encoded, checked, added
 * or stored.
 * @returns seconds a round.
 */
export async function rawStreamSeconds(
  { sites, bytes, rounds }: { readonly sites: number; readonly bytes: number; readonly rounds: number },
  tls: RawServerTls & { readonly site: { readonly key: string; readonly chain: string } },
): Promise<number> {
  const server = fork(join(import.meta.dirname, 'raw-stream-worker.ts'), { execArgv: ['--import', 'tsx'] });
  try {
    server.send({ key: tls.key, chain: tls.chain, root: tls.root });
    const [port] = (await once(server, 'message')) as [number];
    const clients = Array.from({ length: sites }, () => client(port, tls));
    const chunks = chunkCount(bytes);
    await Promise.all(clients.map((each) => down(each, 1)));
    const began = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(
        clients.map(async (each) => {
          await down(each, chunks);
          await up(each, chunks);
        }),
      );
    }
    const seconds = (performance.now() - began) / 1000 / rounds;
    for (const each of clients) each.close();
    return seconds;
  } finally {
    server.kill('SIGKILL');
  }
}

function client(port: number, { root, site }: Parameters<typeof rawStreamSeconds>[1]): Client {
  const secure = credentials.createSsl(Buffer.from(root), Buffer.from(site.key), Buffer.from(site.chain), {
    checkServerIdentity: () => undefined,
  });
  return new Client(`127.0.0.1:${port}`, secure, {
    'grpc.max_receive_message_length': -1,
    'grpc.ssl_target_name_override': 'coordinator',
    // Else clients of one process share a connection.
    'grpc.use_local_subchannel_pool': 1,
  });
}

async function down(each: Client, chunks: number): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = RAW_SERVICE.down;
  const request = Buffer.alloc(8);
  request.writeUInt32BE(chunks, 0);
  request.writeUInt32BE(CHUNK_BYTES, 4);
  let received = 0;
  for await (const { length } of each.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
  )) {
    received += length;
  }
  if (received !== chunks * CHUNK_BYTES) throw new Error(`raw stream: got ${received} bytes`);
}

async function up(each: Client, chunks: number): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = RAW_SERVICE.up;
  const chunk = Buffer.alloc(CHUNK_BYTES, 1);
  await new Promise<void>((resolve, reject) => {
    const call = each.makeClientStreamRequest(path, requestSerialize, responseDeserialize, (error, reply) => {
      if (error === null && reply?.readDoubleBE() === chunks * CHUNK_BYTES) resolve();
      else reject(error ?? new Error('raw stream: bytes were lost'));
    });
    const send = async () => {
      for (let i = 0; i < chunks; i += 1) if (!call.write(chunk)) await once(call, 'drain');
      call.end();
    };
    send().catch(reject);
  });
}
