import type { Log } from '../../shared/core/log.ts';
import { decodeSignedReply, encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { encodeCloseSessionRequest } from '../../shared/wire/session-codec.ts';
import type { MethodPath } from '../rpc/connection.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';
import { type AuditExchange, EXCHANGE } from './audit-exchange.ts';
import { codeOf } from './failure.ts';

const GOODBYE_MS = 2_000;

/** Shows the coordinator the end of the audit log and closes the session, if it listens; nothing depends on it. */
export async function sayGoodbye(
  calls: SignedCalls,
  { exchange, log }: { readonly exchange: AuditExchange; readonly log: Log },
): Promise<void> {
  const until = { deadlineMs: GOODBYE_MS, signal: AbortSignal.timeout(GOODBYE_MS) };
  const send = async (path: MethodPath, body: Uint8Array) => {
    const request = await calls.signHeld(path, body);
    if (request === undefined) return undefined;
    const reply = await calls.connection.unary(path, encodeSignedRequest(request), until);
    return calls.opened(decodeSignedReply(reply), request);
  };
  try {
    await exchange.now((body) => send(EXCHANGE, body));
  } catch (error) {
    log.warn('audit.not-exchanged', { code: codeOf(error) });
  }
  try {
    await send('/consilium.v1.SessionService/CloseSession', encodeCloseSessionRequest(undefined));
  } catch {
    // The session ends by itself.
  }
}
