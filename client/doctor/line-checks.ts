import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Finding } from '../../shared/core/finding.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { readCertificate } from '../../shared/crypto/certificates.ts';
import type { HttpProxy } from './proxy-check.ts';

const LINE_MS = 10_000;
const MAX_ANSWER_BYTES = 16 * 2 ** 10;

export interface Line {
  readonly host: string;
  readonly port: number;
  readonly proxy: HttpProxy | undefined;
  /** Monotonic. */
  readonly clock: Clock;
}

/** Whether the name is known; behind a proxy it is the proxy's that has to be. */
export async function checkDns({ host, proxy, clock }: Line): Promise<Finding> {
  const check = 'dns';
  const name = (proxy?.host ?? host).replace(/^\[(.*)\]$/, '$1');
  if (isIP(name) !== 0) return { check, state: 'ok', found: `${name} is an address` };
  const startMs = clock.now();
  try {
    const addresses = await lookup(name, { all: true });
    const found = `${name} is ${addresses.map(({ address }) => address).join(', ')} (${passed(startMs, clock)})`;
    return { check, state: 'ok', found };
  } catch (error) {
    return {
      check,
      state: 'failed',
      found: `${name}: no address`,
      cause: `the name cannot be resolved: ${codeOf(error)}`,
      fix: 'compare the name with the one that the officer gave, and ask who runs the DNS of this network',
    };
  }
}

/** Whether something answers, through the proxy where there is one. @returns the open line, the caller's to end. */
export async function checkTcp(
  line: Line,
): Promise<{ readonly finding: Finding; readonly socket: Socket | undefined }> {
  const check = 'tcp';
  const { host, port, proxy, clock } = line;
  const target = `${host}:${port}`;
  const startMs = clock.now();
  const socket = connectTcp(proxy ?? { host: host.replace(/^\[(.*)\]$/, '$1'), port });
  try {
    await within(socket, 'connect');
    if (proxy !== undefined) await tunnel(socket, target, proxy);
    return {
      finding: { check, state: 'ok', found: `${target} answers (${passed(startMs, clock)})` },
      socket,
    };
  } catch (error) {
    socket.destroy();
    const cause = error instanceof ConsiliumError ? error.message : `the connection failed: ${codeOf(error)}`;
    const fix =
      proxy === undefined
        ? `let this machine open connections to ${target}: only outbound ones are needed`
        : `let the proxy pass CONNECT to ${target}`;
    return {
      finding: { check, state: 'failed', found: `${target}: no answer`, cause, fix },
      socket: undefined,
    };
  }
}

/** Whether it is the coordinator that answers, by TLS 1.3, and nobody in between. @param socket Owned. */
export async function checkTls(
  socket: Socket,
  { host, pinned }: { readonly host: string; readonly pinned: readonly ContentHash[] },
): Promise<Finding> {
  const check = 'tls';
  const secure = connectTls({
    socket,
    ALPNProtocols: ['h2'],
    // What answers is looked at here, and told nothing.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
  });
  try {
    await within(secure, 'secureConnect');
    return described(secure, pinned);
  } catch (error) {
    return {
      check,
      state: 'failed',
      found: 'no handshake',
      cause: `TLS failed: ${codeOf(error)}`,
      fix: 'ask who runs the firewall whether it lets TLS 1.3 through to this port without looking inside',
    };
  } finally {
    secure.destroy();
    socket.destroy();
  }
}

function described(secure: TLSSocket, pinned: readonly ContentHash[]): Finding {
  const check = 'tls';
  const { raw } = secure.getPeerCertificate();
  const { spkiHash, issuer } = readCertificate(raw);
  const protocol = secure.getProtocol() ?? 'unknown';
  if (!pinned.includes(spkiHash)) {
    return {
      check,
      state: 'failed',
      found: `another key than the coordinator's: sha256:${spkiHash}`,
      cause: `something between here and the coordinator ends TLS; its certificate is of ${JSON.stringify(issuer)}`,
      fix: 'have the inspection of TLS (proxy, firewall, antivirus) leave this address out, or correct the address',
    };
  }
  if (protocol !== 'TLSv1.3') {
    const fix = 'ask who runs the firewall to let TLS 1.3 through';
    return { check, state: 'failed', found: protocol, cause: 'the daemon speaks TLS 1.3 alone', fix };
  }
  if (secure.alpnProtocol !== 'h2') {
    const fix = 'ask who runs the firewall or load balancer to let HTTP/2 through';
    return { check, state: 'failed', found: 'no HTTP/2', cause: 'gRPC needs HTTP/2', fix };
  }
  return { check, state: 'ok', found: `${protocol}, HTTP/2, the key of the roster` };
}

/** HTTP CONNECT (RFC 9110 §9.3.6). @throws ConsiliumError `UNREACHABLE` where the proxy refuses. */
async function tunnel(socket: Socket, target: string, { credentials }: HttpProxy): Promise<void> {
  const authorization =
    credentials === undefined
      ? ''
      : `Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  let answer = '';
  while (!answer.includes('\r\n\r\n')) {
    answer += String(await within(socket, 'data'));
    if (answer.length > MAX_ANSWER_BYTES) break;
  }
  if (/^HTTP\/1\.[01] 2\d\d /.test(answer)) return;
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 'no HTTP';
  throw new ConsiliumError('UNREACHABLE', `the proxy refused to connect: ${status}`);
}

/** The first event of a name; an error, the end, or ten seconds end the wait. */
function within(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(timedOut())), LINE_MS);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      socket.off(event, onEvent).off('error', onError).off('close', onClose);
      act();
    };
    const onEvent = (value: unknown) => settle(() => resolve(value));
    const onError = (error: unknown) => settle(() => reject(error));
    const onClose = () =>
      settle(() => reject(new ConsiliumError('UNREACHABLE', 'the connection was closed')));
    socket.once(event, onEvent).once('error', onError).once('close', onClose);
  });
}

function timedOut(): ConsiliumError {
  return new ConsiliumError('TIMED_OUT', `nothing came back in ${LINE_MS / 1000} s: a firewall may drop it`);
}

function codeOf(error: unknown): string {
  if (error instanceof ConsiliumError) return error.message;
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
}

function passed(startMs: number, clock: Clock): string {
  return `${Math.round(clock.now() - startMs)} ms`;
}
