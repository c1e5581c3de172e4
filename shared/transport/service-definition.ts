import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { METHODS } from '../wire/generated/methods.ts';
import type { Method } from '../wire/method.ts';

export type ServiceName = (typeof METHODS)[keyof typeof METHODS]['service'];

/**
 * The service as grpc-js wants it, its calls by name. Messages stay bytes: gRPC decodes nothing, because size, envelope
 * and scan come before.
 */
export function serviceDefinition(service: ServiceName): ServiceDefinition {
  const entries = Object.entries<Method>(METHODS).filter(([, method]) => method.service === service);
  return Object.fromEntries(entries.map(([path, method]) => [method.name, definition(path, method)]));
}

/** One call, for a client. */
export function methodDefinition(path: keyof typeof METHODS): MethodDefinition<Uint8Array, Uint8Array> {
  return definition(path, METHODS[path]);
}

function definition(path: string, method: Method): MethodDefinition<Uint8Array, Uint8Array> {
  return {
    path,
    originalName: method.name,
    requestStream: method.requestStream,
    responseStream: method.replyStream,
    requestSerialize: toBuffer,
    requestDeserialize: toBytes,
    responseSerialize: toBuffer,
    responseDeserialize: toBytes,
  };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function toBytes(buffer: Buffer): Uint8Array {
  return buffer;
}
