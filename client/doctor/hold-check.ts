import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../shared/core/clock.ts';
import type { Finding } from '../../shared/core/finding.ts';
import { LONG_POLL_MS } from '../../shared/transport/limits.ts';

/** How long a frame that asks for an answer waits for it. */
const ANSWER_MS = 10_000;

export interface HoldOptions {
  readonly host: string;
  /** PEM, of this site: a stranger's line the coordinator ends at once. */
  readonly own: { readonly key: string; readonly chain: string };
  readonly holdMs: number;
  /** Silence between two signs of life; as long as on a daemon's line unless given. */
  readonly quietMs?: number;
  readonly answerMs?: number;
  /** Monotonic. */
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Whether a line lives that is as silent as that of a daemon who waits for its next instruction: proxies and firewalls cut
 * those, or forget them. No session is opened, so that a daemon that runs is not disturbed.
 * @param socket Owned; connected, nothing said yet.
 */
export async function checkHold(socket: Socket, options: HoldOptions): Promise<Finding> {
  const { holdMs, quietMs = LONG_POLL_MS, answerMs = ANSWER_MS, clock, signal } = options;
  const session = http2Over(socket, options);
  const gone = new Promise<'gone'>((resolve) => {
    session.once('close', () => resolve('gone'));
    session.once('goaway', () => resolve('gone'));
  });
  const startMs = clock.now();
  const seconds = () => Math.round((clock.now() - startMs) / 1000);
  try {
    if ((await Promise.race([gone, answered(session, answerMs)])) !== 'answered') return refused();
    for (;;) {
      const leftMs = startMs + holdMs - clock.now();
      if (leftMs <= 0) return survived(seconds(), quietMs);
      signal.throwIfAborted();
      if ((await Promise.race([gone, after(Math.min(quietMs, leftMs))])) === 'gone') return cut(seconds());
      const state = await Promise.race([gone, answered(session, answerMs)]);
      if (state === 'gone') return cut(seconds());
      if (state === 'silent') return forgotten(seconds());
    }
  } finally {
    session.destroy();
    socket.destroy();
  }
}

function http2Over(socket: Socket, { host, own }: HoldOptions): ClientHttp2Session {
  const secure = connectTls({
    socket,
    ALPNProtocols: ['h2'],
    key: own.key,
    cert: own.chain,
    // Whose key answers was looked at on the line before; nothing is told here.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
  });
  const session = connectHttp2('https://coordinator', { createConnection: () => secure });
  // Its end says all that there is to say.
  session.on('error', () => undefined);
  secure.on('error', () => session.destroy());
  return session;
}

/** A ping is answered by the coordinator itself (RFC 9113 §6.7). */
function answered(session: ClientHttp2Session, answerMs: number): Promise<'answered' | 'silent'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('silent'), answerMs);
    const settle = (state: 'answered' | 'silent') => {
      clearTimeout(timer);
      resolve(state);
    };
    const ping = () => session.ping((error) => settle(error === null ? 'answered' : 'silent'));
    if (session.connecting) session.once('connect', ping);
    else if (session.destroyed) settle('silent');
    else ping();
  });
}

function after(ms: number): Promise<'waited'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('waited'), ms);
  });
}

const CHECK = 'hold';
const FIX =
  'have who runs the proxy or firewall keep idle connections to this address for 60 s or more; until then a site works, and connects again after each cut';

function survived(seconds: number, quietMs: number): Finding {
  const found = `open for ${seconds} s, silent for up to ${Math.round(quietMs / 1000)} s at a time`;
  return { check: CHECK, state: 'ok', found };
}

function refused(): Finding {
  const fix = 'renew the certificate (consilium site enroll), or see what the coordinator logs';
  const cause = 'the coordinator, or something before it, ended the connection at once';
  return { check: CHECK, state: 'failed', found: 'not opened', cause, fix };
}

function cut(seconds: number): Finding {
  const cause =
    'a proxy or firewall ends connections that are silent, or older than it allows (idle timeout)';
  return { check: CHECK, state: 'warning', found: `cut after ${seconds} s`, cause, fix: FIX };
}

function forgotten(seconds: number): Finding {
  const cause = 'a firewall or address translation has forgotten the connection and drops what comes on it';
  return { check: CHECK, state: 'warning', found: `no answer after ${seconds} s`, cause, fix: FIX };
}
