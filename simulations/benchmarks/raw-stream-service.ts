import type { MethodDefinition } from '@grpc/grpc-js';

/** PEM. */
export interface RawServerTls {
  readonly key: string;
  readonly chain: string;
  readonly root: string;
}

const asIs = (bytes: Buffer): Buffer => bytes;
const CODECS = {
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};

/** Bytes that nobody reads, with nothing of ours on their way. */
export const RAW_SERVICE = {
  down: { path: '/raw.Raw/Down', requestStream: false, responseStream: true, ...CODECS },
  up: { path: '/raw.Raw/Up', requestStream: true, responseStream: false, ...CODECS },
} satisfies Record<string, MethodDefinition<Buffer, Buffer>>;
