import type {
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { CODE_KEY } from '../../shared/transport/status.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import type { Meter } from '../metrics/meter.ts';
import type { MethodPath } from './authorize.ts';

type Answer = UntypedServiceImplementation[string];

/** The same answer, with its beginning, its end and its code told to the meter. */
export function metered(path: MethodPath, answer: Answer, meter: Meter): Answer {
  if (METHODS[path].replyStream) {
    const stream = answer as (call: ServerWritableStream<Uint8Array, Uint8Array>) => void;
    return (call: ServerWritableStream<Uint8Array, Uint8Array>) => {
      const end = meter.begin(path);
      call.once('error', (error) => end(codeOf(error)));
      call.once('cancelled', () => end('INTERRUPTED'));
      call.once('finish', () => end('OK'));
      stream(call);
    };
  }
  const once = answer as (
    call: ServerUnaryCall<Uint8Array, Uint8Array>,
    callback: sendUnaryData<Uint8Array>,
  ) => void;
  return (call: ServerUnaryCall<Uint8Array, Uint8Array>, callback: sendUnaryData<Uint8Array>) => {
    const end = meter.begin(path);
    once(call, (error, ...rest) => {
      end(error == null ? 'OK' : codeOf(error));
      callback(error, ...rest);
    });
  };
}

/** The same service, with every message that comes in told to the meter. */
export function meteredDefinition(service: ServiceDefinition, meter: Meter): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize(bytes: Buffer) {
          meter.received(bytes.length);
          return method.requestDeserialize(bytes);
        },
      },
    ]),
  );
}

/** A code of the catalog, as `statusOf` gave it. */
function codeOf(error: object): string {
  const metadata =
    'metadata' in error ? (error as { metadata?: { get(key: string): unknown[] } }).metadata : undefined;
  const [code] = metadata?.get(CODE_KEY) ?? [];
  return typeof code === 'string' ? code : 'INTERNAL';
}
