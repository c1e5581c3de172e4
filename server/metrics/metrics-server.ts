import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { hostOf } from '../../shared/identity/trial.ts';
import type { CoordinatorMetrics } from './coordinator-metrics.ts';

/** Where Prometheus scrapes, and a supervisor asks whether the coordinator lives. */
export interface MetricsServer {
  /** The port that was bound. */
  readonly port: number;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 16;
const REQUEST_MS = 5_000;
const MAX_HEADER_BYTES = 8192;

/**
 * `GET /metrics` and `GET /healthz`, in the clear and for anybody who reaches the address: it belongs on loopback.
 * @param options.address `host:port`; port 0 takes any.
 * @param options.isHealthy false answers 503 to `/healthz`.
 * @throws ConsiliumError `UNREACHABLE` where the address cannot be bound.
 */
export async function serveMetrics(options: {
  readonly address: string;
  readonly metrics: CoordinatorMetrics;
  readonly isHealthy: () => boolean;
}): Promise<MetricsServer> {
  const { address } = options;
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      answer(request, response, options).catch(() => response.destroy());
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      { host: hostOf(address), port: Number(address.slice(address.lastIndexOf(':') + 1)) },
      resolve,
    );
  }).catch((cause: unknown) => {
    throw new ConsiliumError('UNREACHABLE', `metrics ${address}: cannot be listened on`, {
      cause,
      hint: 'See whether another process has the port, or give another one as metrics of coordinator.yaml.',
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { metrics, isHealthy }: { readonly metrics: CoordinatorMetrics; readonly isHealthy: () => boolean },
): Promise<void> {
  response.setHeader('cache-control', 'no-store');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const path = request.url?.split('?')[0];
  if (path === '/metrics') {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  } else if (path === '/healthz') {
    const isFine = isHealthy();
    response
      .writeHead(isFine ? 200 : 503, { 'content-type': 'text/plain' })
      .end(isFine ? 'ok\n' : 'not serving\n');
  } else {
    response.writeHead(404).end();
  }
}
