import { ConsiliumError } from '../../shared/core/errors.ts';
import { requestHash, signReply } from '../../shared/identity/envelope.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import type { SignedReply, SignedRequest } from '../../shared/protocol/envelope.ts';
import { MAX_ENVELOPE_BYTES } from '../../shared/transport/limits.ts';
import { decodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import type { Arrival, AuthenticationTools } from './authenticate.ts';
import type { MethodPath } from './authorize.ts';

/** Something at the coordinator's door that its audit log must know. Ids, codes and numbers alone. */
export type AuditSink = (
  type:
    | 'attack.refused'
    | 'attack.equivocation'
    | 'session.opened'
    | 'session.closed'
    | 'study.started'
    | 'study.approved'
    | 'study.withdrawn'
    | 'operator.command'
    | 'enrollment.invited'
    | 'enrollment.requested'
    | 'enrollment.refused'
    | 'enrollment.certified'
    | 'enrollment.renewed'
    | 'enrollment.key-in-use'
    | 'roster.accepted'
    | 'roster.drafted'
    | 'round.count-known'
    | 'round.secure-opened'
    | 'round.secure-closed'
    | 'round.secure-failed'
    | 'round.singleton',
  data: Readonly<Record<string, string | number>>,
) => Promise<void>;

export interface FrontDesk extends AuthenticationTools {
  readonly signer: Signer;
  readonly audit: AuditSink;
}

/** What an honest caller does not cause: written down, whoever it was. */
const SUSPICIOUS = new Set([
  'UNAUTHENTICATED',
  'REPLAY_MISMATCH',
  'EQUIVOCATION',
  'REVOKED',
  'PERMISSION_DENIED',
]);

/**
 * Reads a request: size, then scan. Nothing is proved yet, and the body is still bytes.
 * @param bytes Borrowed by the request.
 * @throws ConsiliumError `WIRE_INVALID`.
 */
export function readRequest(bytes: Uint8Array, path: MethodPath): SignedRequest {
  const { maxRequestBytes } = METHODS[path];
  if (bytes.length > maxRequestBytes + MAX_ENVELOPE_BYTES) {
    throw new ConsiliumError(
      'WIRE_INVALID',
      `${path}: expected at most ${maxRequestBytes} bytes, got ${bytes.length}`,
    );
  }
  return decodeSignedRequest(bytes);
}

/** Who a request says it is from; nobody where that is no id. */
export function claimedSender({ envelope: { sender } }: SignedRequest): string {
  return /^[a-z0-9-]{1,64}$/.test(sender) ? sender : '';
}

/** @param body Borrowed. */
export function replyTo(request: SignedRequest, body: Uint8Array, desk: FrontDesk): SignedReply {
  const roster = desk.roster();
  const facts = {
    consortium: roster.consortium,
    requestHash: requestHash(request.envelope),
    rosterVersion: roster.version,
    timeMs: desk.clock.now(),
  };
  return signReply(desk.signer, facts, body);
}

/**
 * Writes a refusal down where it may be an attack. Never fails: the caller is refused all the same.
 * @param sender as the request says, proved or not.
 */
export async function auditRefusal(
  error: unknown,
  arrival: Arrival,
  sender: string,
  desk: FrontDesk,
): Promise<void> {
  if (!(error instanceof ConsiliumError) || !SUSPICIOUS.has(error.code)) return;
  await desk
    .audit('attack.refused', { code: error.code, method: arrival.path, sender })
    .catch(() => undefined);
}
