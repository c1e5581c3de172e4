import type { MethodPath } from './authorize.ts';
import type { Caller } from './caller.ts';

/** How one unary call is answered, its bodies as bytes. */
export interface Route {
  /** Decodes, acts, encodes. `signal` is aborted when the caller has gone or its session has ended. */
  answer(body: Uint8Array, caller: Caller, signal: AbortSignal): Promise<Uint8Array>;
}

/** The unary calls of a service, by path. */
export type Routes = Readonly<Partial<Record<MethodPath, Route>>>;

/** Joins codecs and a function over domain values. */
export function route<Request, Reply>(
  decode: (body: Uint8Array) => Request,
  encode: (reply: Reply) => Uint8Array,
  handle: (request: Request, caller: Caller, signal: AbortSignal) => Promise<Reply> | Reply,
): Route {
  return {
    async answer(body, caller, signal) {
      return encode(await handle(decode(body), caller, signal));
    },
  };
}
