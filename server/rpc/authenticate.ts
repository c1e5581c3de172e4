import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { holdsRequest } from '../../shared/identity/envelope.ts';
import { keyOf, type Roster, standingOf } from '../../shared/identity/roster.ts';
import type { Role, SignedRequest } from '../../shared/protocol/envelope.ts';
import { MAX_CLOCK_SKEW_MS } from '../../shared/transport/limits.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import { authorize, type MethodPath } from './authorize.ts';
import type { Caller } from './caller.ts';
import type { Sessions } from './sessions.ts';

export interface AuthenticationTools {
  /** In force now. */
  readonly roster: () => Roster;
  readonly sessions: Sessions;
  /** Wall clock, for the skew alone. */
  readonly clock: Clock;
  /** Told of the TLS key that a site's request came in by, once it is proved. */
  readonly onTlsKey?: (site: string, key: ContentHash) => void;
}

/** How the request came in. */
export interface Arrival {
  readonly path: MethodPath;
  /** SHA-256 of the peer's SubjectPublicKeyInfo; undefined where TLS asked for no certificate. */
  readonly peerKey: ContentHash | undefined;
  /** The key that the body asks to enroll, for the calls that are signed by it. */
  readonly ownKey?: Uint8Array;
}

/**
 * Who sent the request. Nothing of the body is decoded before this returns (`trust.md` §6).
 * @throws ConsiliumError `UNAUTHENTICATED`, `REVOKED`, `CLOCK_SKEW`, `PERMISSION_DENIED`, `SESSION_CLOSED`, `FENCED`.
 */
export function authenticate(request: SignedRequest, arrival: Arrival, tools: AuthenticationTools): Caller {
  const { envelope } = request;
  const { path } = arrival;
  const roster = tools.roster();
  const { role, sender, session: sessionId } = envelope;
  const { authentication } = METHODS[path];
  // Whoever fetches the first roster does not know yet what the consortium is called.
  const isStranger = authentication === 'none' && envelope.consortium === '';
  if (!isStranger && envelope.consortium !== roster.consortium) throw refused(sender, 'another consortium');
  if (envelope.method !== path) throw refused(sender, 'an envelope of another call');
  if (authentication !== 'none') {
    const key =
      authentication === 'own-key' ? arrival.ownKey : memberKey(roster, role, sender, tools.clock.now());
    if (key === undefined || !holdsRequest(request, key))
      throw refused(sender, 'a signature that does not hold');
  }
  checkSkew(envelope.timeMs, tools.clock.now());
  if (role === 'site' && (authentication === 'session' || authentication === 'roster-key')) {
    const key = checkedPeer(roster, sender, arrival.peerKey);
    tools.onTlsKey?.(sender, key);
  }
  const session = authentication === 'session' ? tools.sessions.find(sessionId, role, sender) : undefined;
  const caller: Caller = { role, id: sender, session };
  authorize(path, caller);
  return caller;
}

function memberKey(roster: Roster, role: Role, sender: string, nowMs: number): Uint8Array | undefined {
  const standing = role === 'site' ? standingOf(roster, sender, nowMs) : 'active';
  if (standing === 'revoked' || standing === 'ended') {
    throw new ConsiliumError(
      'REVOKED',
      `${sender}: ${standing === 'ended' ? 'its membership has ended' : 'revoked by the officers'}`,
    );
  }
  return standing === 'active' ? keyOf(roster, role, sender) : undefined;
}

/** The certificate grants nothing by itself: its key has to be the site's in the roster (`trust.md` §4). */
function checkedPeer(roster: Roster, sender: string, peerKey: ContentHash | undefined): ContentHash {
  const site = roster.sites.find(({ id }) => id === sender);
  if (peerKey !== undefined && site?.spki.includes(peerKey) === true) return peerKey;
  throw refused(sender, 'a TLS key that is not in the roster');
}

function checkSkew(timeMs: number, nowMs: number): void {
  if (Math.abs(timeMs - nowMs) <= MAX_CLOCK_SKEW_MS) return;
  const [theirs, ours] = [timeMs, nowMs].map((ms) => new Date(ms).toISOString());
  throw new ConsiliumError(
    'CLOCK_SKEW',
    `clock: expected within ${MAX_CLOCK_SKEW_MS / 1000} s of the coordinator's ${ours}, got ${theirs}`,
  );
}

function refused(sender: string, found: string): ConsiliumError {
  return new ConsiliumError(
    'UNAUTHENTICATED',
    `request of ${sender}: expected one that its key signed, got ${found}`,
  );
}
