import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SecureRandom } from '../../shared/crypto/random.ts';
import type { Role } from '../../shared/protocol/envelope.ts';
import { CHALLENGE_MS, SESSION_MS } from '../../shared/transport/limits.ts';
import { type ReplayWindow, replayWindow } from './replay-window.ts';

export interface Session {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  readonly role: Role;
  readonly sender: string;
  /** Grows with each session that is opened. */
  readonly fence: number;
  /** By the monotonic clock. */
  readonly expiresMs: number;
  readonly replay: ReplayWindow;
  /** Aborted when the session ends: what it waits for, and what it streams, ends with it. */
  readonly ended: AbortSignal;
}

/** The sessions of one run of the coordinator; a restart starts with none. */
export interface Sessions {
  /** 32 random bytes, good for one minute and one use. */
  challenge(role: Role, sender: string): Uint8Array;
  /** Ends the sender's earlier session, whose calls are then `FENCED`. @throws ConsiliumError `UNAUTHENTICATED`. */
  open(role: Role, sender: string, challenge: Uint8Array): Session;
  /** @throws ConsiliumError `SESSION_CLOSED`; `FENCED` where a later one took its place. */
  find(id: Uint8Array, role: Role, sender: string): Session;
  close(session: Session): void;
  /** Ends them all: the coordinator stops. */
  closeAll(reason: ConsiliumError): void;
  /** Ends every session whose sender is not a member any more. */
  closeUnless(isMember: (role: Role, sender: string) => boolean): void;
}

interface Open {
  readonly session: Session;
  readonly abort: AbortController;
}

/** Challenges that nobody answered, and fenced sessions, that are remembered at most. */
const MAX_REMEMBERED = 10_000;

export function sessions(tools: {
  /** Monotonic. */
  readonly clock: Clock;
  readonly random: SecureRandom;
  /** Above every fence of earlier runs. */
  readonly firstFence: number;
}): Sessions {
  const { clock, random } = tools;
  const challenges = new Map<string, { readonly owner: string; readonly untilMs: number }>();
  const open = new Map<string, Open>();
  const current = new Map<string, string>();
  const fenced = new Set<string>();
  let fence = tools.firstFence;

  function end(key: string, reason: ConsiliumError): void {
    const found = open.get(key);
    if (found === undefined) return;
    open.delete(key);
    const owner = ownerOf(found.session.role, found.session.sender);
    if (current.get(owner) === key) current.delete(owner);
    found.abort.abort(reason);
  }

  return {
    challenge(role, sender) {
      const bytes = random.bytes(32);
      challenges.set(hex(bytes), { owner: ownerOf(role, sender), untilMs: clock.now() + CHALLENGE_MS });
      forgetOldest(challenges);
      return bytes;
    },
    open(role, sender, challenge) {
      const key = hex(challenge);
      const asked = challenges.get(key);
      challenges.delete(key);
      const owner = ownerOf(role, sender);
      if (asked === undefined || asked.owner !== owner || asked.untilMs < clock.now()) {
        throw new ConsiliumError(
          'UNAUTHENTICATED',
          `${sender}: the challenge is not one that was given to it`,
        );
      }
      const earlier = current.get(owner);
      if (earlier !== undefined) {
        fenced.add(earlier);
        forgetOldest(fenced);
        end(earlier, fencedOff(sender));
      }
      fence += 1;
      const abort = new AbortController();
      const session: Session = {
        id: random.bytes(16),
        role,
        sender,
        fence,
        expiresMs: clock.now() + SESSION_MS,
        replay: replayWindow(),
        ended: abort.signal,
      };
      open.set(hex(session.id), { session, abort });
      current.set(owner, hex(session.id));
      return session;
    },
    find(id, role, sender) {
      const key = hex(id);
      const found = open.get(key)?.session;
      if (found === undefined || found.role !== role || found.sender !== sender) {
        throw fenced.has(key) ? fencedOff(sender) : closed(sender);
      }
      if (found.expiresMs >= clock.now()) return found;
      end(key, closed(sender));
      throw closed(sender);
    },
    close: ({ id, sender }) => end(hex(id), closed(sender)),
    closeAll(reason) {
      for (const key of [...open.keys()]) end(key, reason);
    },
    closeUnless(isMember) {
      for (const [key, { session }] of open) {
        if (isMember(session.role, session.sender)) continue;
        end(key, new ConsiliumError('REVOKED', `${session.sender}: no longer a member`));
      }
    },
  };
}

function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  if (kept.size <= MAX_REMEMBERED) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}

function ownerOf(role: Role, sender: string): string {
  return `${role}/${sender}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function closed(sender: string): ConsiliumError {
  return new ConsiliumError('SESSION_CLOSED', `${sender}: the session has ended`);
}

function fencedOff(sender: string): ConsiliumError {
  return new ConsiliumError('FENCED', `${sender}: a newer daemon has opened a session`);
}
