import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { holdsReply, requestHash, signRequest } from '../../shared/identity/envelope.ts';
import { coordinatorOf, type Roster } from '../../shared/identity/roster.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import type { SignedReply, SignedRequest } from '../../shared/protocol/envelope.ts';
import {
  commonVersion,
  type OpenSessionReply,
  PROTOCOL,
  type ProtocolWindow,
} from '../../shared/protocol/session.ts';
import { CONTROL_DEADLINE_MS, TRANSFER_STALL_MS } from '../../shared/transport/limits.ts';
import { decodeSignedReply, encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import {
  decodeChallengeReply,
  decodeOpenSessionReply,
  encodeChallengeRequest,
  encodeOpenSessionRequest,
} from '../../shared/wire/session-codec.ts';
import type { Connection, MethodPath } from './connection.ts';
import { retrying } from './retry.ts';

/** Calls whose requests are signed and whose replies are checked before anybody decodes them. */
export interface SignedCalls {
  readonly connection: Connection;
  /** A transfer that does not move for so long is ended and begun again. */
  readonly transferStallMs: number;
  /** One call with its retries: a failure that may pass is tried again until `signal` says otherwise. @returns the reply's body. */
  call(path: MethodPath, body: Uint8Array, options?: CallSettings): Promise<Uint8Array>;
  /** A request of the session, for a stream's first message. */
  sign(path: MethodPath, body: Uint8Array): Promise<SignedRequest>;
  /** As `sign`, where a session is open; else undefined. */
  signHeld(path: MethodPath, body: Uint8Array): Promise<SignedRequest | undefined>;
  /** @returns the reply's body. @throws ConsiliumError `UNAUTHENTICATED` unless the coordinator signed it for this request. */
  opened(reply: SignedReply, request: SignedRequest): Uint8Array;
  /** Runs a call of its own retries in a session: one that has ended is opened anew. */
  retrying<Result>(attempt: () => Promise<Result>): Promise<Result>;
}

export interface CallSettings {
  readonly deadlineMs?: number;
  /** Failures in a row after which it gives up; for ever unless given. */
  readonly tries?: number;
}

/** What a side speaks, and how long it waits. */
export interface CallLimits {
  /** That of the release unless given. */
  readonly protocol?: ProtocolWindow;
  /** How long one try of a call may take; ten seconds unless given. */
  readonly callDeadlineMs?: number;
  /** A minute unless given. */
  readonly transferStallMs?: number;
}

export interface SignedCallsOptions extends CallLimits {
  readonly connection: Connection;
  readonly signer: Signer;
  readonly roster: () => Roster;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly uniform: () => number;
  readonly software: string;
  /** Ends all calls. */
  readonly signal: AbortSignal;
  /** Told of each session that opens, before its first call; a throw ends the call that needed it. */
  readonly onSession?: (session: OpenSessionReply) => Promise<void> | void;
  /** The coordinator holds a newer roster than this side. */
  readonly onNewerRoster?: (version: number) => void;
  readonly onFailure?: (error: ConsiliumError, pauseMs: number) => void;
}

interface OpenSession {
  readonly id: Uint8Array;
  nextSeq: number;
}

const NO_SESSION = new Uint8Array();

export function signedCalls(options: SignedCallsOptions): SignedCalls {
  const { connection, signer, clock, signal, protocol = PROTOCOL } = options;
  const { callDeadlineMs = CONTROL_DEADLINE_MS, transferStallMs = TRANSFER_STALL_MS } = options;
  let session: Promise<OpenSession> | undefined;

  function sign(path: MethodPath, body: Uint8Array, held: OpenSession | undefined): SignedRequest {
    const roster = options.roster();
    const seq = held?.nextSeq ?? 0;
    if (held !== undefined) held.nextSeq += 1;
    const facts = {
      consortium: roster.consortium,
      rosterVersion: roster.version,
      method: path,
      session: held?.id ?? NO_SESSION,
      seq,
      timeMs: clock.now(),
    };
    return signRequest(signer, facts, body);
  }

  function opened(reply: SignedReply, request: SignedRequest): Uint8Array {
    const roster = options.roster();
    const { consortium, version } = roster;
    const { key } = coordinatorOf(roster);
    const { method } = request.envelope;
    const { maxReplyBytes } = METHODS[method as MethodPath];
    if (reply.body.length > maxReplyBytes) {
      throw new ConsiliumError(
        'WIRE_INVALID',
        `${method}: expected a reply of at most ${maxReplyBytes} bytes, got ${reply.body.length}`,
      );
    }
    if (reply.envelope.consortium !== consortium || !holdsReply(reply, hashOf(request), key)) {
      throw new ConsiliumError(
        'UNAUTHENTICATED',
        `${method}: expected a reply that the coordinator signed, got another`,
      );
    }
    if (reply.envelope.rosterVersion > version) options.onNewerRoster?.(reply.envelope.rosterVersion);
    return reply.body;
  }

  async function once(
    path: MethodPath,
    body: Uint8Array,
    held: OpenSession | undefined,
    deadlineMs: number,
  ): Promise<Uint8Array> {
    const request = sign(path, body, held);
    const reply = await connection.unary(path, encodeSignedRequest(request), { deadlineMs, signal });
    return opened(decodeSignedReply(reply), request);
  }

  let lateInRow = 0;

  /**
   * As a step of a session's opening. Where many sites come back at once each waits for its turn: were all of them to give
   * up before it comes, the coordinator would work for nobody. So the deadline doubles, to four times the usual one.
   */
  async function ask(path: MethodPath, body: Uint8Array): Promise<Uint8Array> {
    try {
      return await once(path, body, undefined, callDeadlineMs * 2 ** Math.min(lateInRow, 2));
    } catch (error) {
      if (error instanceof ConsiliumError && error.code === 'TIMED_OUT') lateInRow += 1;
      throw error;
    }
  }

  async function openSession(): Promise<OpenSession> {
    const { challenge } = decodeChallengeReply(
      await ask('/consilium.v1.SessionService/RequestChallenge', encodeChallengeRequest(undefined)),
    );
    const opening = { challenge, protocol, software: options.software };
    const reply = decodeOpenSessionReply(
      await ask('/consilium.v1.SessionService/OpenSession', encodeOpenSessionRequest(opening)),
    );
    lateInRow = 0;
    checkVersion(reply, protocol);
    await options.onSession?.(reply);
    return { id: reply.session, nextSeq: 1 };
  }

  function held(): Promise<OpenSession> {
    const opening = session ?? openSession();
    session = opening;
    opening.catch(() => {
      if (session === opening) session = undefined;
    });
    return opening;
  }

  const inSession = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
    const used = session;
    try {
      return await attempt();
    } catch (error) {
      const isOver = error instanceof ConsiliumError && error.code === 'SESSION_CLOSED';
      if (isOver && (used === undefined || session === used)) session = undefined;
      throw error;
    }
  };

  const again = <Result>(attempt: () => Promise<Result>, tries?: number) =>
    retrying(() => inSession(attempt), {
      signal,
      uniform: options.uniform,
      ...(options.onFailure && { onFailure: options.onFailure }),
      ...(tries !== undefined && { tries }),
    });

  return {
    connection,
    transferStallMs,
    call: (path, body, { deadlineMs = callDeadlineMs, tries } = {}) =>
      again(
        async () =>
          once(path, body, METHODS[path].authentication === 'session' ? await held() : undefined, deadlineMs),
        tries,
      ),
    sign: async (path, body) => sign(path, body, await held()),
    async signHeld(path, body) {
      const open = await session?.catch(() => undefined);
      return open && sign(path, body, open);
    },
    opened,
    retrying: (attempt) => again(attempt),
  };
}

/** The coordinator chose the version. @throws ConsiliumError `INCOMPATIBLE` where this side would have chosen another. */
function checkVersion({ protocol, version }: OpenSessionReply, own: ProtocolWindow): void {
  const common = commonVersion(own, protocol);
  if (version === common) return;
  throw new ConsiliumError('INCOMPATIBLE', `protocol: expected version ${common}, got ${version}`);
}

function hashOf({ envelope }: SignedRequest): ContentHash {
  return requestHash(envelope);
}
