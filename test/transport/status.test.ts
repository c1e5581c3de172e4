import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ERROR_CATALOG, type ErrorCode, type ErrorSpec } from '../../shared/core/catalog.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import {
  type CallStatus,
  errorOf,
  retryAfterMsOf,
  statusOf,
  turnedAway,
} from '../../shared/transport/status.ts';

const CODES = Object.keys(ERROR_CATALOG) as ErrorCode[];

/** What the other end sees of a status. */
const received = ({ code, details, metadata }: CallStatus): ServiceError =>
  Object.assign(new Error(`${code} ${details}`), { code, details, metadata });

const failure = (code: status, metadata = new Metadata()) => received({ code, details: 'x', metadata });

describe('statusOf', () => {
  it.each(CODES)('carries %s to the other side', (code) => {
    const sent = statusOf(new ConsiliumError(code, 'place: expected 1, got 2'));
    expect(sent.code).toBe(status[ERROR_CATALOG[code].status]);
    expect(errorOf(received(sent)).code).toBe(code);
  });

  it('tells the message only where it is about what the caller sent', () => {
    for (const code of CODES) {
      const spec: ErrorSpec = ERROR_CATALOG[code];
      const { details } = statusOf(new ConsiliumError(code, 'place: expected 1, got 2'));
      expect(details).toBe(spec.told === true ? 'place: expected 1, got 2' : spec.publicMessage);
    }
    expect(statusOf(new ConsiliumError('WIRE_INVALID', 'Chunk: too long')).details).toBe('Chunk: too long');
    expect(statusOf(new ConsiliumError('STATE_CORRUPT', '/srv/blobs/ab: no such file')).details).toBe(
      ERROR_CATALOG.STATE_CORRUPT.publicMessage,
    );
  });

  it('lets nothing of another error leave', () => {
    for (const error of [new TypeError('secret of patient 7'), 'secret', undefined, { message: 'secret' }]) {
      const { code, details, metadata } = statusOf(error);
      expect(code).toBe(status.INTERNAL);
      expect(details).toBe(ERROR_CATALOG.INTERNAL.publicMessage);
      expect(JSON.stringify(metadata.getMap())).toBe('{"consilium-code":"INTERNAL"}');
    }
  });

  it('says after what time a call is welcome', () => {
    const busy = received(statusOf(turnedAway('uploads', 1500.2)));
    expect(retryAfterMsOf(busy)).toBe(1501);
    expect(retryAfterMsOf(failure(status.RESOURCE_EXHAUSTED))).toBeUndefined();
    const odd = new Metadata();
    odd.set('consilium-retry-after-ms', '1e9');
    expect(retryAfterMsOf(failure(status.RESOURCE_EXHAUSTED, odd))).toBeUndefined();
  });

  it('cuts what is long, and what no header can carry', () => {
    const { details } = statusOf(new ConsiliumError('WIRE_INVALID', `\ud800${'x'.repeat(5000)}`));
    expect(details).toHaveLength(1000);
    expect(() => encodeURI(details)).not.toThrow();
  });
});

describe('errorOf', () => {
  it.each<[keyof typeof status, ErrorCode]>([
    ['UNAVAILABLE', 'UNREACHABLE'],
    ['UNKNOWN', 'UNREACHABLE'],
    ['DEADLINE_EXCEEDED', 'TIMED_OUT'],
    ['RESOURCE_EXHAUSTED', 'BUSY'],
    ['UNIMPLEMENTED', 'INCOMPATIBLE'],
    ['UNAUTHENTICATED', 'UNAUTHENTICATED'],
    ['PERMISSION_DENIED', 'PERMISSION_DENIED'],
    ['CANCELLED', 'INTERRUPTED'],
  ])('reads %s without a code of ours as %s', (name, code) => {
    expect(errorOf(failure(status[name])).code).toBe(code);
  });

  it.each(['NO_SUCH_CODE', '__proto__', 'toString', 'WIRE_INVALID'])(
    'does not believe the code %s under a status that is not its own',
    (code) => {
      const metadata = new Metadata();
      metadata.set('consilium-code', code);
      expect(errorOf(failure(status.UNAVAILABLE, metadata)).code).toBe('UNREACHABLE');
    },
  );
});
