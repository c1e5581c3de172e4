import { ERROR_CATALOG, type ErrorCode, type ErrorSpec } from './catalog.ts';

/** The only error this project throws on purpose. Anything else that surfaces is a bug. */
export class ConsiliumError extends Error {
  override readonly name = 'ConsiliumError';
  readonly code: ErrorCode;
  /** What the reader can do next; one sentence. */
  readonly hint: string | undefined;

  /** @param message for our own log: where, what was expected, what was found. Never patient data. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { readonly hint?: string }) {
    super(message, options);
    this.code = code;
    this.hint = options?.hint;
  }

  get spec(): ErrorSpec {
    return ERROR_CATALOG[this.code];
  }
}
