import { type Clock, systemClock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type Finding, failedBy } from '../../shared/core/finding.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { holdsReply, requestHash, signRequest } from '../../shared/identity/envelope.ts';
import { coordinatorOf, type Roster } from '../../shared/identity/roster.ts';
import { acceptRoster } from '../../shared/identity/roster-chain.ts';
import { CONTROL_DEADLINE_MS, MAX_CLOCK_SKEW_MS } from '../../shared/transport/limits.ts';
import { decodeFetchRostersReply, encodeFetchRostersRequest } from '../../shared/wire/enrollment-codec.ts';
import { decodeSignedReply, encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import type { EnrolledNode } from '../node/open-node.ts';
import { connect } from '../rpc/connection.ts';

const FETCH = '/consilium.v1.EnrollmentService/FetchRosters';

/**
 * Asks the coordinator for newer rosters, outside of any session, so that a daemon that runs is not disturbed: what its
 * signed reply shows of its clock and its roster.
 * @returns findings `coordinator`, `clock` and `newest-roster`, and the newest roster where there was an answer.
 */
export async function checkCoordinator(
  { node, signer, tlsKey, chain, address, membership }: EnrolledNode,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<{ readonly findings: readonly Finding[]; readonly newest: Roster | undefined }> {
  const roster = membership.current();
  const { key, spki } = coordinatorOf(roster);
  const connection = connect({
    // What gRPC counts deadlines by, right or wrong.
    clock: systemClock,
    address,
    tls: {
      roots: certificatesPem(roster.roots),
      own: { key: tlsKey.privateKeyPem, chain },
      pinned: () => spki,
    },
  });
  const sentMs = clock.now();
  const facts = {
    consortium: roster.consortium,
    rosterVersion: roster.version,
    method: FETCH,
    session: new Uint8Array(),
    seq: 0,
    timeMs: sentMs,
  };
  const request = signRequest(signer, facts, encodeFetchRostersRequest({ afterVersion: roster.version }));
  try {
    const until = { deadlineMs: CONTROL_DEADLINE_MS, signal };
    const reply = decodeSignedReply(await connection.unary(FETCH, encodeSignedRequest(request), until));
    if (!holdsReply(reply, requestHash(request.envelope), key)) {
      throw new ConsiliumError('UNAUTHENTICATED', 'the reply is not signed by the key of the roster');
    }
    const { rosters } = decodeFetchRostersReply(reply.body);
    // Nothing is stored: that is the daemon's to do.
    const newest = rosters.reduce(acceptRoster, membership.signed()).roster;
    const middleMs = (sentMs + clock.now()) / 2;
    return {
      findings: [
        { check: 'coordinator', state: 'ok', found: `answers ${node.site}, and signs what it says` },
        checkClock(reply.envelope.timeMs - middleMs),
        {
          check: 'newest-roster',
          state: 'ok',
          found:
            newest.version > roster.version
              ? `version ${newest.version}; the daemon fetches it`
              : `version ${newest.version}, as here`,
        },
      ],
      newest,
    };
  } catch (error) {
    if (error instanceof ConsiliumError && error.code === 'CLOCK_SKEW') {
      return { findings: [clockFailed(error.message)], newest: undefined };
    }
    const fix = 'see whether the coordinator runs, and whether it still has this site in its roster';
    return { findings: [failedBy('coordinator', error, 'no answer', fix)], newest: undefined };
  } finally {
    connection.close();
  }
}

/** @param aheadMs how far the coordinator's clock is before this machine's. */
export function checkClock(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const found = `${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} the coordinator`;
  if (Math.abs(aheadMs) < MAX_CLOCK_SKEW_MS / 4) return { check: 'clock', state: 'ok', found };
  if (Math.abs(aheadMs) > MAX_CLOCK_SKEW_MS) return clockFailed(found);
  const cause = `beyond ${MAX_CLOCK_SKEW_MS / 1000} s every call is refused`;
  return { check: 'clock', state: 'warning', found, cause, fix: CLOCK_FIX };
}

const CLOCK_FIX = 'keep the clock by NTP (timedatectl set-ntp true), here or at the coordinator';

function clockFailed(cause: string): Finding {
  return { check: 'clock', state: 'failed', found: 'too far from the coordinator', cause, fix: CLOCK_FIX };
}
