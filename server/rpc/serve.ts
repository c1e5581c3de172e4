import { Server, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { COORDINATOR_OPTIONS, TRANSFER_STALL_MS } from '../../shared/transport/limits.ts';
import { type ServiceName, serviceDefinition } from '../../shared/transport/service-definition.ts';
import { requireTls13 } from '../../shared/transport/tls.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import type { Meter } from '../metrics/meter.ts';
import type { StudyRegistry } from '../studies/registry.ts';
import type { MethodPath } from './authorize.ts';
import type { FrontDesk } from './desk.ts';
import { withWindow } from './flow-control.ts';
import { identityOnly } from './identity-only.ts';
import { metered, meteredDefinition } from './metered.ts';
import type { Routes } from './route.ts';
import { type ServerTls, serverIdentity } from './server-identity.ts';
import { blockStream } from './services/block-stream.ts';
import { uploadStream } from './services/upload-stream.ts';
import { unary } from './unary.ts';

/** A door of the coordinator. */
export interface Listener {
  /** The port that was bound. */
  readonly port: number;
  /** Another certificate, for the handshakes from now on. */
  show(tls: Pick<ServerTls, 'key' | 'chain'>): void;
  /** Takes no new calls, waits for those under way up to `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

export interface ListenerOptions {
  /** `host:port`; port 0 takes any. */
  readonly address: string;
  /** As the door opens. */
  readonly tls: ServerTls;
  /** Unary calls that are answered here; those of a service that has none are unknown. */
  readonly routes: Routes;
  /** Given where sites train through this door. */
  readonly studies: StudyRegistry | undefined;
  /** A transfer that does not move for so long is ended; a minute unless given. */
  readonly transferStallMs?: number | undefined;
  readonly desk: FrontDesk;
  /** Undefined: nothing is counted. */
  readonly meter?: Meter | undefined;
}

/** @throws ConsiliumError `UNREACHABLE` where the address cannot be bound. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { address, tls, desk, studies, meter, transferStallMs = TRANSFER_STALL_MS } = options;
  requireTls13();
  const server = new Server({ ...COORDINATOR_OPTIONS, interceptors: [identityOnly] });
  const calls = new Map<MethodPath, UntypedServiceImplementation[string]>();
  for (const [path, route] of Object.entries(options.routes)) {
    if (route !== undefined) calls.set(path as MethodPath, unary(path as MethodPath, route, desk));
  }
  if (studies !== undefined) {
    calls.set('/consilium.v1.RoundsService/FetchBlock', blockStream(desk, studies, transferStallMs));
    calls.set('/consilium.v1.RoundsService/UploadUpdate', uploadStream(desk, studies, transferStallMs));
  }
  if (meter !== undefined) {
    for (const [path, answer] of calls) calls.set(path, metered(path, answer, meter));
  }
  const services = new Set([...calls.keys()].map((path) => METHODS[path].service));
  for (const service of services) {
    const definition = serviceDefinition(service);
    server.addService(
      meter === undefined ? definition : meteredDefinition(definition, meter),
      implementation(service, calls),
    );
  }
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  const identity = serverIdentity(tls);
  const credentials = withWindow(identity.credentials);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  }).catch((cause: unknown) => {
    throw new ConsiliumError('UNREACHABLE', `${address}: cannot be listened on`, {
      cause,
      hint: 'See whether another process has the port, or give another one.',
    });
  });
  return {
    port,
    show: identity.show,
    async close(graceMs) {
      health.setStatus('', 'NOT_SERVING');
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    },
  };
}

function implementation(
  service: ServiceName,
  calls: ReadonlyMap<MethodPath, UntypedServiceImplementation[string]>,
): UntypedServiceImplementation {
  return Object.fromEntries(
    [...calls]
      .filter(([path]) => METHODS[path].service === service)
      .map(([path, call]) => [METHODS[path].name, call]),
  );
}
