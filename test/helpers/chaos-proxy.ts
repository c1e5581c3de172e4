import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a line does to those who use it. */
export interface ChaosOptions {
  /** Each piece arrives so much later, in order. */
  readonly latencyMs?: number;
  /** Connections without a byte for so long are ended, as hospital proxies do. */
  readonly idleMs?: number;
  /** How much later still this piece arrives, and all behind it, since it was lost and had to be sent again. */
  readonly lossMs?: () => number;
  /** Pieces arrive byte by byte. */
  readonly bytewise?: boolean;
  /** Whether to reset the connection instead of passing this piece on. */
  readonly resets?: () => boolean;
}

/** A TCP proxy on loopback that stands for a bad line. */
export interface ChaosProxy {
  readonly port: number;
  /** Connections that were made so far. */
  readonly connections: () => number;
  /** Ends all connections, and new ones at once, for so long. */
  cut(ms: number): void;
  /** Lets nothing through for so long, and then all that was sent meanwhile. */
  hold(ms: number): void;
  /** From now on so many bytes a second get through, each way of each connection. */
  throttle(bytesPerSecond: number): void;
  /** Lets nothing through of the connections that are open, for ever, without an end of them: as an address translation that was lost. */
  forget(): void;
  close(): Promise<void>;
}

export async function chaosProxy(targetPort: number, options: ChaosOptions = {}): Promise<ChaosProxy> {
  const { latencyMs = 0, lossMs = () => 0, idleMs, bytewise = false, resets = () => false } = options;
  const open = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let connections = 0;
  let isCut = false;
  let heldUntilMs = 0;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  const forgotten = new WeakSet<Socket>();

  function later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  function pass(from: Socket, to: Socket, end: () => void): void {
    let arrivesMs = 0;
    from.on('data', (piece: Buffer) => {
      if (forgotten.has(from)) return;
      if (resets()) {
        end();
        return;
      }
      const now = performance.now();
      // Never before the piece ahead of it.
      arrivesMs = Math.max(arrivesMs, now + latencyMs + lossMs(), heldUntilMs);
      const parts = bytewise || bytesPerSecond < piece.length ? piece.length : 1;
      for (let i = 0; i < parts; i++) {
        const part = parts === 1 ? piece : piece.subarray(i, i + 1);
        const deliver = () => {
          if (!to.destroyed && !forgotten.has(from)) to.write(part);
        };
        if (arrivesMs <= now) deliver();
        else later(arrivesMs - now, deliver);
        arrivesMs += (part.length * 1000) / bytesPerSecond;
      }
    });
  }

  const server = createServer((near) => {
    connections += 1;
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    const end = () => {
      for (const socket of [near, far]) if (!socket.destroyed) socket.resetAndDestroy();
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
      if (idleMs !== undefined) socket.setTimeout(idleMs, end);
    }
    pass(near, far, end);
    pass(far, near, end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    cut(ms) {
      isCut = true;
      for (const socket of open) socket.resetAndDestroy();
      later(ms, () => {
        isCut = false;
      });
    },
    hold(ms) {
      heldUntilMs = performance.now() + ms;
    },
    throttle(rate) {
      bytesPerSecond = rate;
    },
    forget() {
      for (const socket of open) forgotten.add(socket);
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
