import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { signRequest } from '../../shared/identity/envelope.ts';
import { rosterWords, sameWords } from '../../shared/identity/fingerprint.ts';
import { parseRoster } from '../../shared/identity/roster.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { CONTROL_DEADLINE_MS } from '../../shared/transport/limits.ts';
import { decodeFetchRostersReply, encodeFetchRostersRequest } from '../../shared/wire/enrollment-codec.ts';
import { decodeSignedReply, encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { connect } from './connection.ts';

const FETCH = '/consilium.v1.EnrollmentService/FetchRosters';
/** Rosters that a first contact takes in. */
const MAX_ROSTERS = 100_000;

/**
 * The rosters of a coordinator that nothing is known of but its address: what answers is not proved, and is told nothing
 * but who asks. The first roster has to show the words; the rest is for `openMembership` to check.
 * @param options.address `host:port` of the door for people. @param options.asking signs; nobody can check it yet.
 * @returns from version 1 on.
 * @throws ConsiliumError `WORDS_MISMATCH`, `ROSTER_INVALID`, `UNREACHABLE`, `TIMED_OUT`, `CLOCK_SKEW`.
 */
export async function fetchFirstRosters(options: {
  readonly address: string;
  readonly words: string;
  readonly asking: Signer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<readonly Uint8Array[]> {
  const { address, words, asking, clock, signal } = options;
  const connection = connect({ address, clock, tls: 'unproved' });
  const fetched: Uint8Array[] = [];
  try {
    for (;;) {
      const facts = {
        consortium: '',
        rosterVersion: fetched.length,
        method: FETCH,
        session: new Uint8Array(),
        seq: 0,
        timeMs: clock.now(),
      };
      const body = encodeFetchRostersRequest({ afterVersion: fetched.length });
      const request = encodeSignedRequest(signRequest(asking, facts, body));
      const until = { deadlineMs: CONTROL_DEADLINE_MS, signal };
      const reply = decodeSignedReply(await connection.unary(FETCH, request, until));
      const { rosters, more } = decodeFetchRostersReply(reply.body);
      if (fetched.length === 0) checkWords(rosters[0], words);
      fetched.push(...rosters);
      if (!more) return fetched;
      if (rosters.length === 0 || fetched.length > MAX_ROSTERS) {
        throw new ConsiliumError('ROSTER_INVALID', `${address}: expected more rosters, got none`);
      }
    }
  } finally {
    connection.close();
  }
}

function checkWords(first: Uint8Array | undefined, words: string): void {
  if (first === undefined)
    throw new ConsiliumError('ROSTER_INVALID', 'rosters: expected version 1, got none');
  const found = rosterWords(parseRoster(first).hash);
  if (sameWords(found, words)) return;
  throw new ConsiliumError(
    'WORDS_MISMATCH',
    `words of the consortium: expected those that were given, got ${found}; nothing else was sent`,
    { hint: 'Ask the officer again for the eight words and for the address of the coordinator.' },
  );
}
