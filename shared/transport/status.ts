import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ERROR_CATALOG, type ErrorCode } from '../core/catalog.ts';
import { ConsiliumError } from '../core/errors.ts';

/** Carries the stable code, whatever the status. */
export const CODE_KEY = 'consilium-code';
/** When a call that was turned away is welcome. */
export const RETRY_AFTER_KEY = 'consilium-retry-after-ms';

/** Longer ones are cut: headers have a limit of their own. */
const MAX_DETAILS = 1000;

/** What a call ends with when it fails. */
export interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/**
 * What the caller is told of an error: its code, and its message only where that is about what the caller sent
 * (`told` in the catalog), and after what time a call that was turned away is welcome. Anything that is no
 * `ConsiliumError` is a fault of ours, and nothing of it leaves.
 */
export function statusOf(error: unknown): CallStatus {
  const code: ErrorCode = error instanceof ConsiliumError ? error.code : 'INTERNAL';
  const spec = error instanceof ConsiliumError ? error.spec : ERROR_CATALOG.INTERNAL;
  const metadata = new Metadata();
  metadata.set(CODE_KEY, code);
  const pauseMs = askedPauseMs(error);
  if (pauseMs !== undefined) metadata.set(RETRY_AFTER_KEY, String(Math.ceil(pauseMs)));
  const message =
    error instanceof ConsiliumError && error.spec.told === true ? error.message : spec.publicMessage;
  return { code: status[spec.status], details: sendable(message), metadata };
}

/**
 * The error that a failed call stands for. A code that does not belong to the call's status is not believed: a proxy
 * may have answered.
 */
export function errorOf(error: ServiceError): ConsiliumError {
  const code = codeOf(error);
  return new ConsiliumError(code, `call: ${error.details || ERROR_CATALOG[code].publicMessage}`, {
    cause: error,
  });
}

/** A refusal for now. @param retryAfterMs when the call is welcome. */
export function turnedAway(message: string, retryAfterMs: number): ConsiliumError {
  return new ConsiliumError('BUSY', message, { cause: { retryAfterMs } });
}

/** What {@link turnedAway} named, at either end of the line. */
export function askedPauseMs(error: unknown): number | undefined {
  const cause = error instanceof ConsiliumError ? error.cause : undefined;
  const asked = (cause as { readonly retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  return typeof asked === 'number' ? asked : undefined;
}

/** Undefined unless the other side named a time. */
export function retryAfterMsOf(error: ServiceError): number | undefined {
  const value = textOf(error, RETRY_AFTER_KEY);
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

function codeOf(error: ServiceError): ErrorCode {
  const named = textOf(error, CODE_KEY);
  if (named !== undefined && isCode(named) && status[ERROR_CATALOG[named].status] === error.code)
    return named;
  switch (error.code) {
    case status.DEADLINE_EXCEEDED:
      return 'TIMED_OUT';
    case status.RESOURCE_EXHAUSTED:
      return 'BUSY';
    case status.UNIMPLEMENTED:
      return 'INCOMPATIBLE';
    case status.UNAUTHENTICATED:
      return 'UNAUTHENTICATED';
    case status.PERMISSION_DENIED:
      return 'PERMISSION_DENIED';
    case status.CANCELLED:
      return 'INTERRUPTED';
    default:
      return 'UNREACHABLE';
  }
}

function isCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERROR_CATALOG, name);
}

function textOf(error: ServiceError, key: string): string | undefined {
  const [value] = error.metadata?.get(key) ?? [];
  return typeof value === 'string' ? value : undefined;
}

/** gRPC encodes details as a URI, which half of a surrogate pair would end with an exception. */
function sendable(message: string): string {
  return message.slice(0, MAX_DETAILS).replace(/\p{Surrogate}/gu, '?');
}
