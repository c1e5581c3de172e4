import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { fingerprintOf, rosterWords } from '../../shared/identity/fingerprint.ts';
import { type Membership, memoryRosters, openMembership } from '../../shared/identity/membership.ts';
import { rosterInvalid, type SignedRoster } from '../../shared/identity/roster.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import type { Invitation } from '../../shared/protocol/enrollment.ts';
import {
  decodeListEnrollmentsReply,
  decodePublishRosterReply,
  encodeInvitation,
  encodeListEnrollmentsRequest,
  encodePublishRosterRequest,
} from '../../shared/wire/enrollment-codec.ts';
import { fetchRosters } from '../node/fetch-rosters.ts';
import { memberCalls } from '../rpc/member-calls.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';

/** An officer at the coordinator's door for people. */
export interface OfficerDoor {
  /** `host:port` of the door. */
  readonly coordinator: string;
  readonly officer: Signer;
  /** Those of the officer's folder, from version 1 to the one in force. */
  readonly rosters: readonly SignedRoster[];
  /** Takes a roster that came in force since into the officer's folder. */
  readonly keep: (roster: SignedRoster) => Promise<unknown>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  readonly software: string;
}

/** Failures in a row after which a command gives up. */
const TRIES = 3;

/** The sites that have asked and are not in the roster, with the words that their engineers have to read out. */
export function runOfficerRequests(door: OfficerDoor, io: CommandIo): Promise<CommandResult> {
  return atDoor(door, io, async (calls) => {
    const { pending } = decodeListEnrollmentsReply(
      await calls.call(
        '/consilium.v1.EnrollmentService/ListEnrollments',
        encodeListEnrollmentsRequest(undefined),
        { tries: TRIES },
      ),
    );
    const asking = pending.map(({ site, identityKey: key, tlsKey: spki, timeMs }) => ({
      site,
      words: fingerprintOf({ role: 'site', id: site, key, spki }),
      asked: new Date(timeMs).toISOString(),
    }));
    const lines = asking.map(({ site, words, asked }) => `${site}  ${words}  asked ${asked}`);
    return { text: lines.length === 0 ? 'no site waits for the officers' : lines.join('\n'), data: asking };
  });
}

/** Tells the coordinator of an invitation. @throws ConsiliumError `PERMISSION_DENIED`, `UNREACHABLE`. */
export async function deliverInvitation(
  invitation: Invitation,
  door: OfficerDoor,
  io: CommandIo,
): Promise<void> {
  await atDoor(door, io, async (calls) => {
    await calls.call('/consilium.v1.EnrollmentService/Invite', encodeInvitation(invitation), {
      tries: TRIES,
    });
  });
}

/**
 * Brings a roster to the coordinator: it comes into force there, or waits for the signatures of others.
 * @param bytes of the roster. @throws ConsiliumError `ROSTER_INVALID` for one that may not follow.
 */
export function runRosterPublish(
  bytes: Uint8Array,
  door: OfficerDoor,
  io: CommandIo,
): Promise<CommandResult> {
  return atDoor(door, io, async (calls) => {
    const { version, inForce } = decodePublishRosterReply(
      await calls.call(
        '/consilium.v1.EnrollmentService/PublishRoster',
        encodePublishRosterRequest({ roster: bytes }),
        { tries: TRIES },
      ),
    );
    return {
      text: inForce
        ? `roster ${version} is in force at the coordinator`
        : `roster ${version} waits at the coordinator for the signature of another officer`,
      data: { version, inForce },
    };
  });
}

/** Acts, and brings the officer's folder up to what is in force then. */
async function atDoor<Result>(
  door: OfficerDoor,
  io: CommandIo,
  act: (calls: SignedCalls) => Promise<Result>,
): Promise<Result> {
  const { coordinator: address, officer, clock, uniform, software } = door;
  const membership = await membershipOf(door.rosters);
  const { calls, connection } = memberCalls({
    address,
    membership,
    signer: officer,
    clock,
    uniform,
    software,
    signal: io.signal,
    onProgress: io.progress,
  });
  try {
    const result = await act(calls);
    for (const signed of await fetchRosters(calls, membership, { tries: TRIES })) {
      await door.keep(signed);
      io.note(`took in roster ${signed.roster.version}, which is in force`);
    }
    return result;
  } finally {
    connection.close();
  }
}

async function membershipOf([first, ...rest]: readonly SignedRoster[]): Promise<Membership> {
  if (first === undefined) throw rosterInvalid('expected roster 1 in force, got none');
  const pinned = { words: rosterWords(first.hash) };
  const membership = await openMembership({ store: memoryRosters(), pinned, first: first.bytes });
  for (const { bytes } of rest) await membership.accept(bytes);
  return membership;
}
