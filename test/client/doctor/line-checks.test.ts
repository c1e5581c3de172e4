import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { checkClock } from '../../../client/doctor/coordinator-check.ts';
import { checkDns, checkTcp, checkTls } from '../../../client/doctor/line-checks.ts';
import { checkProxy } from '../../../client/doctor/proxy-check.ts';
import { monotonicClock, systemClock } from '../../../shared/core/clock.ts';
import { certificatesPem } from '../../../shared/crypto/certificates.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { trialConsortium } from '../../../shared/identity/trial.ts';

const opened: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of opened.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listening(server: Server): Promise<number> {
  server.on('connection', (socket) => sockets.add(socket));
  opened.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const line = (port: number) => ({ host: '127.0.0.1', port, proxy: undefined, clock: monotonicClock });

/** A coordinator as far as TLS goes. */
async function tlsDoor(options: { readonly maxVersion?: 'TLSv1.2'; readonly protocols?: string[] } = {}) {
  const { coordinator } = await trialConsortium({
    consortium: 'small',
    sites: [],
    endpoints: ['127.0.0.1:1'],
    nowMs: systemClock.now(),
  });
  const server = createTlsServer({
    key: coordinator.tls.privateKeyPem,
    cert: certificatesPem(coordinator.chain),
    ALPNProtocols: options.protocols ?? ['h2'],
    ...(options.maxVersion && { maxVersion: options.maxVersion }),
  });
  server.on('tlsClientError', () => undefined);
  return { port: await listening(server), spki: sha256(coordinator.tls.spki) };
}

async function tlsOf(port: number, spki: ReturnType<typeof sha256>) {
  const { socket } = await checkTcp(line(port));
  return checkTls(socket as Socket, { host: '127.0.0.1', pinned: [spki] });
}

describe('the line to the coordinator', () => {
  it('is fine where the key of the roster answers by TLS 1.3', async () => {
    const { port, spki } = await tlsDoor();
    expect((await checkTcp(line(port))).finding.state).toBe('ok');
    expect(await tlsOf(port, spki)).toMatchObject({ state: 'ok', found: expect.stringContaining('TLSv1.3') });
  });

  it('is intercepted where another key answers, and says whose certificate it is', async () => {
    const { port } = await tlsDoor();
    expect(await tlsOf(port, sha256('the key of the roster'))).toMatchObject({
      state: 'failed',
      found: expect.stringContaining("another key than the coordinator's"),
      cause: expect.stringContaining('ends TLS'),
      fix: expect.stringContaining('inspection'),
    });
  });

  it('fails below TLS 1.3, and without HTTP/2', async () => {
    const old = await tlsDoor({ maxVersion: 'TLSv1.2' });
    expect(await tlsOf(old.port, old.spki)).toMatchObject({ state: 'failed', found: 'TLSv1.2' });
    const plain = await tlsDoor({ protocols: ['http/1.1'] });
    expect((await tlsOf(plain.port, plain.spki)).state).toBe('failed');
  });

  it('has no handshake where something else listens', async () => {
    const port = await listening(createServer((socket) => socket.end('SSH-2.0-door\r\n')));
    expect(await tlsOf(port, sha256('any'))).toMatchObject({ state: 'failed', found: 'no handshake' });
  });

  it('has no answer where nothing listens', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => opened.pop()?.close(resolve));
    const { finding, socket } = await checkTcp(line(port));
    expect(socket).toBeUndefined();
    expect(finding).toMatchObject({ state: 'failed', cause: expect.stringContaining('ECONNREFUSED') });
  });

  it('goes through a proxy that connects, and not through one that refuses', async () => {
    const { port, spki } = await tlsDoor();
    const asked: string[] = [];
    const proxyOf = (status: string) =>
      createServer((socket) => {
        socket.once('data', (data) => {
          asked.push(String(data));
          socket.write(`HTTP/1.1 ${status}\r\n\r\n`);
          if (status.startsWith('200')) {
            // Nothing but bytes both ways: what a tunnel is.
            const far = new (socket.constructor as new () => Socket)();
            far.connect(port, '127.0.0.1');
            socket.pipe(far).pipe(socket);
          }
        });
        socket.on('error', () => undefined);
      });
    const through = async (status: string) => {
      const proxy = { host: '127.0.0.1', port: await listening(proxyOf(status)), credentials: 'user:word' };
      return checkTcp({ ...line(port), proxy });
    };
    const passed = await through('200 OK');
    expect(passed.finding.state).toBe('ok');
    expect(await checkTls(passed.socket as Socket, { host: '127.0.0.1', pinned: [spki] })).toMatchObject({
      state: 'ok',
    });
    expect(asked[0]).toContain(`CONNECT 127.0.0.1:${port} HTTP/1.1`);
    // user:word in base64.
    expect(asked[0]).toContain('Proxy-Authorization: Basic dXNlcjp3b3Jk');
    const refused = await through('403 Forbidden');
    expect(refused.finding).toMatchObject({ state: 'failed', cause: 'the proxy refused to connect: 403' });
  });

  it('needs a name that is known', async () => {
    expect(await checkDns({ ...line(1), host: 'nowhere.invalid' })).toMatchObject({ state: 'failed' });
    expect(await checkDns({ ...line(1), host: '[::1]' })).toMatchObject({ state: 'ok' });
  });
});

describe('checkProxy', () => {
  const found = (environment: Record<string, string>, host = 'coordinator.example.org') =>
    checkProxy(host, { environment, named: undefined });

  it('finds the proxy that gRPC uses, the first of its three variables', () => {
    const { finding, proxy } = found({ http_proxy: 'http://a:1', https_proxy: 'http://user:pa%3Ass@b:3128' });
    expect(finding).toMatchObject({ state: 'ok', found: 'b:3128, by https_proxy' });
    expect(proxy).toEqual({ host: 'b', port: 3128, credentials: 'user:pa:ss' });
    expect(found({ grpc_proxy: 'http://c', https_proxy: 'http://b:3128' }).proxy?.port).toBe(80);
  });

  it('warns of a variable in capitals, which gRPC does not read', () => {
    const { finding, proxy } = found({ HTTPS_PROXY: 'http://b:3128' });
    expect(proxy).toBeUndefined();
    expect(finding).toMatchObject({ state: 'warning', fix: 'name it in site.yaml, or set https_proxy too' });
  });

  it('takes the proxy of site.yaml before that of the environment', () => {
    const environment = { https_proxy: 'http://a:1' };
    const { proxy } = checkProxy('host', { environment, named: 'http://b:3128' });
    expect(proxy).toMatchObject({ host: 'b', port: 3128 });
  });

  it('fails on a proxy that gRPC ignores', () => {
    expect(found({ https_proxy: 'https://b:3128' }).finding.state).toBe('failed');
    expect(found({ https_proxy: 'b:3128' }).finding.state).toBe('failed');
  });

  it('leaves out what no_proxy names, by suffix or range', () => {
    const https_proxy = 'http://b:3128';
    expect(found({ https_proxy, no_proxy: 'other,.example.org' }).proxy).toBeUndefined();
    expect(found({ https_proxy, no_proxy: '10.0.0.0/8' }, '10.200.3.4').proxy).toBeUndefined();
    expect(found({ https_proxy, no_proxy: '10.0.0.0/8' }, '11.0.0.1').proxy).toBeDefined();
    expect(found({ https_proxy, no_proxy: '0.0.0.0/0' }, '192.168.1.1').proxy).toBeUndefined();
    // gRPC's own variable stands before the common one.
    expect(found({ https_proxy, no_proxy: '.example.org', no_grpc_proxy: 'other' }).proxy).toBeDefined();
  });
});

describe('checkClock', () => {
  it.each([
    [0, 'ok'],
    [29_000, 'ok'],
    [-29_000, 'ok'],
    [30_000, 'warning'],
    [-120_000, 'warning'],
    [120_001, 'failed'],
    [-120_001, 'failed'],
  ])('of a coordinator that is %i ms ahead is %s', (aheadMs, state) => {
    expect(checkClock(aheadMs).state).toBe(state);
  });
});
