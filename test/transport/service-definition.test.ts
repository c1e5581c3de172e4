import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../shared/protocol/transfer.ts';
import {
  MAX_ENVELOPE_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_REPLY_MESSAGE_BYTES,
} from '../../shared/transport/limits.ts';
import { methodDefinition, serviceDefinition } from '../../shared/transport/service-definition.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import type { Method } from '../../shared/wire/method.ts';

describe('serviceDefinition', () => {
  it('names the calls of a service by their paths, streams where the contract has them', () => {
    const calls = Object.entries(serviceDefinition('RoundsService'));
    expect(calls.map(([name, call]) => [name, call.path])).toContainEqual([
      'Declare',
      '/consilium.v1.RoundsService/Declare',
    ]);
    expect(calls.filter(([, call]) => call.requestStream).map(([name]) => name)).toEqual(['UploadUpdate']);
    expect(calls.filter(([, call]) => call.responseStream).map(([name]) => name)).toEqual(['FetchBlock']);
  });

  it('decodes nothing', () => {
    const { requestDeserialize, responseSerialize } = methodDefinition('/consilium.v1.RoundsService/Declare');
    const hostile = Buffer.from([0xff, 0xff, 0xff]);
    expect(requestDeserialize(hostile)).toBe(hostile);
    expect(responseSerialize(Uint8Array.of(1, 2, 3).subarray(1))).toEqual(Buffer.from([2, 3]));
  });
});

describe('the limits', () => {
  it('let every body and every chunk through gRPC, with what is around it', () => {
    const methods = Object.values<Method>(METHODS);
    const request = Math.max(CHUNK_BYTES, ...methods.map(({ maxRequestBytes }) => maxRequestBytes));
    const reply = Math.max(CHUNK_BYTES, ...methods.map(({ maxReplyBytes }) => maxReplyBytes));
    expect(request + MAX_ENVELOPE_BYTES).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(reply + MAX_ENVELOPE_BYTES).toBeLessThanOrEqual(MAX_REPLY_MESSAGE_BYTES);
  });
});
