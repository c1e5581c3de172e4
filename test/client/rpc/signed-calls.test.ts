import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../../client/rpc/connection.ts';
import { signedCalls } from '../../../client/rpc/signed-calls.ts';
import { systemClock } from '../../../shared/core/clock.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import { requestHash, signReply } from '../../../shared/identity/envelope.ts';
import type { Signer } from '../../../shared/identity/signer.ts';
import { type TrialConsortium, trialConsortium } from '../../../shared/identity/trial.ts';
import type { Envelope, SignedReply } from '../../../shared/protocol/envelope.ts';
import { PROTOCOL } from '../../../shared/protocol/session.ts';
import { decodeSignedRequest, encodeDone, encodeSignedReply } from '../../../shared/wire/envelope-codec.ts';
import { encodeChallengeReply, encodeOpenSessionReply } from '../../../shared/wire/session-codec.ts';

const PROGRESS = '/consilium.v1.RoundsService/Progress';
const BODY = Buffer.from('body');

let consortium: TrialConsortium;
beforeAll(async () => {
  consortium = await trialConsortium({
    consortium: 'small',
    sites: [siteId('north')],
    endpoints: ['127.0.0.1:1'],
    nowMs: systemClock.now(),
  });
});

interface Line {
  /** Whose key signs replies. */
  readonly replying?: Signer;
  /** What becomes of the n-th call that is no part of a session's opening; a throw is its failure. */
  readonly onCall?: (n: number) => void;
  /** Told of every call by its method; a throw is its failure. */
  readonly onAny?: (method: string) => void;
  readonly change?: (reply: SignedReply) => SignedReply;
  readonly rosterVersion?: number;
}

/** A coordinator at the other end of a line that carries bytes: it opens sessions and answers `Done`. */
function line({ replying, onCall, onAny, change = (reply) => reply, rosterVersion = 1 }: Line = {}) {
  const seen: Envelope[] = [];
  const deadlines: number[] = [];
  let opened = 0;
  let calls = 0;
  const bodyOf = (method: string): Uint8Array => {
    if (method.endsWith('/RequestChallenge'))
      return encodeChallengeReply({ challenge: new Uint8Array(32).fill(7) });
    if (method.endsWith('/OpenSession')) {
      opened += 1;
      return encodeOpenSessionReply({
        session: new Uint8Array(16).fill(opened),
        fence: opened,
        expiresMs: systemClock.now() + 1000,
        protocol: PROTOCOL,
        version: 1,
        heads: [],
        software: 'test',
      });
    }
    calls += 1;
    onCall?.(calls);
    return encodeDone(undefined);
  };
  const connection: Pick<Connection, 'unary'> = {
    async unary(_path, bytes, { deadlineMs }) {
      const { envelope } = decodeSignedRequest(bytes);
      seen.push(envelope);
      deadlines.push(deadlineMs);
      onAny?.(envelope.method);
      const facts = {
        consortium: 'small',
        requestHash: requestHash(envelope),
        rosterVersion,
        timeMs: systemClock.now(),
      };
      const reply = signReply(replying ?? consortium.coordinator.signer, facts, bodyOf(envelope.method));
      return encodeSignedReply(change(reply));
    },
  };
  return { connection: connection as Connection, seen, deadlines, opened: () => opened };
}

function callsOver(connection: Connection, options: { onNewerRoster?: (version: number) => void } = {}) {
  const signer = consortium.sites.get(siteId('north'))?.signer as Signer;
  return signedCalls({
    connection,
    signer,
    roster: () => consortium.roster.roster,
    clock: systemClock,
    uniform: () => 0,
    software: 'test',
    signal: new AbortController().signal,
    ...options,
  });
}

const closed = () => new ConsiliumError('SESSION_CLOSED', 'the session has ended');

describe('signed calls', () => {
  it('open one session for all, and number the calls in it from 1', async () => {
    const { connection, seen, opened } = line();
    const calls = callsOver(connection);
    await Promise.all([1, 2, 3].map(() => calls.call(PROGRESS, BODY)));
    expect(opened()).toBe(1);
    const inSession = seen.filter(({ method }) => method === PROGRESS);
    expect(inSession.map(({ seq }) => seq).sort()).toEqual([1, 2, 3]);
  });

  it('R15: wait longer for a session after each time that they waited in vain, and as ever for a call in it', async () => {
    let late = 0;
    const { connection, deadlines } = line({
      onAny(method) {
        if (!method.endsWith('/RequestChallenge') || late === 3) return;
        late += 1;
        throw new ConsiliumError('TIMED_OUT', 'too many others');
      },
    });
    await callsOver(connection).call(PROGRESS, BODY);
    // Three challenges in vain, then challenge, session and call; ten seconds, at most four times that.
    expect(deadlines).toEqual([10_000, 20_000, 40_000, 40_000, 40_000, 10_000]);
  });

  it('open a new session when the old one has ended, and sign the call anew in it', async () => {
    const { connection, seen, opened } = line({
      onCall: (n) => {
        if (n === 2) throw closed();
      },
    });
    const calls = callsOver(connection);
    await calls.call(PROGRESS, BODY);
    await calls.call(PROGRESS, BODY);
    expect(opened()).toBe(2);
    const inSession = seen.filter(({ method }) => method === PROGRESS);
    expect(inSession.map(({ session, seq }) => [session[0], seq])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
  });

  it('open one new session for all calls that the old one ended under', async () => {
    const { connection, opened } = line({
      onCall: (n) => {
        if (n <= 3) throw closed();
      },
    });
    const calls = callsOver(connection);
    await Promise.all([1, 2, 3].map(() => calls.call(PROGRESS, BODY)));
    expect(opened()).toBe(2);
  });

  it('refuse the reply of a stranger, without a second try', async () => {
    const stranger: Signer = { role: 'coordinator', id: 'coordinator', key: generateSigningKey() };
    const { connection, seen } = line({ replying: stranger });
    await expect(callsOver(connection).call(PROGRESS, BODY)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(seen).toHaveLength(1);
  });

  it.each<readonly [string, (reply: SignedReply) => SignedReply]>([
    [
      'to another request',
      ({ envelope, ...rest }) => ({ ...rest, envelope: { ...envelope, requestHash: envelope.bodyHash } }),
    ],
    ['with another body', (reply) => ({ ...reply, body: Buffer.from('another') })],
    [
      'of another consortium',
      ({ envelope, ...rest }) => ({ ...rest, envelope: { ...envelope, consortium: 'large' } }),
    ],
    [
      'with another time',
      ({ envelope, ...rest }) => ({ ...rest, envelope: { ...envelope, timeMs: envelope.timeMs + 1 } }),
    ],
  ])('refuse a reply %s', async (_what, change) => {
    const { connection } = line({ change });
    await expect(callsOver(connection).call(PROGRESS, BODY)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('tell that the coordinator holds a newer roster', async () => {
    const told: number[] = [];
    const { connection } = line({ rosterVersion: 3 });
    await callsOver(connection, { onNewerRoster: (version) => told.push(version) }).call(PROGRESS, BODY);
    expect(told).toContain(3);
  });

  it('try to open a session again after a failure', async () => {
    const { connection, opened } = line();
    let tries = 0;
    const shaky: Connection = {
      ...connection,
      unary(...call) {
        tries += 1;
        if (tries === 1) return Promise.reject(new ConsiliumError('UNREACHABLE', 'no line'));
        return connection.unary(...call);
      },
    };
    await callsOver(shaky).call(PROGRESS, BODY);
    expect(opened()).toBe(1);
  });

  it('sign nothing in a session that is not open', async () => {
    const { connection } = line();
    const calls = callsOver(connection);
    expect(await calls.signHeld(PROGRESS, BODY)).toBeUndefined();
    await calls.call(PROGRESS, BODY);
    expect((await calls.signHeld(PROGRESS, BODY))?.envelope.seq).toBe(2);
  });
});
