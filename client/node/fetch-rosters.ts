import type { Membership } from '../../shared/identity/membership.ts';
import type { SignedRoster } from '../../shared/identity/roster.ts';
import { decodeFetchRostersReply, encodeFetchRostersRequest } from '../../shared/wire/enrollment-codec.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';

/**
 * Takes in every roster that the coordinator has beyond the newest one held, each checked against the one before.
 * @param options.tries failures in a row after which it gives up.
 * @returns those that were taken in.
 * @throws ConsiliumError `ROSTER_INVALID`, `UNREACHABLE`; those before the failure are in force then.
 */
export async function fetchRosters(
  calls: Pick<SignedCalls, 'call'>,
  membership: Membership,
  { tries }: { readonly tries: number },
): Promise<readonly SignedRoster[]> {
  const taken: SignedRoster[] = [];
  for (;;) {
    const body = encodeFetchRostersRequest({ afterVersion: membership.current().version });
    const { rosters, more } = decodeFetchRostersReply(
      await calls.call('/consilium.v1.EnrollmentService/FetchRosters', body, { tries }),
    );
    for (const bytes of rosters) taken.push(await membership.accept(bytes));
    if (!more || rosters.length === 0) return taken;
  }
}
