import { connect, createServer, type Socket } from 'node:net';

/** A line on loopback that can be cut: as a hospital's is, in the middle of anything. */
export interface CuttingProxy {
  readonly port: number;
  /** Cuts every connection of the moment once so many more bytes have passed, either way. */
  cutAfter(bytes: number): void;
  cuts(): number;
  close(): void;
}

export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let cuts = 0;
  const count = (bytes: number) => {
    left -= bytes;
    if (left > 0) return;
    left = Number.POSITIVE_INFINITY;
    cuts += 1;
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('data', ({ length }) => count(length));
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  return {
    port,
    cutAfter(bytes) {
      left = bytes;
    },
    cuts: () => cuts,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
