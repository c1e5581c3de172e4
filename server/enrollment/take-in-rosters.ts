import type { Membership, RosterStore } from '../../shared/identity/membership.ts';
import type { SignedRoster } from '../../shared/identity/roster.ts';

/**
 * Takes in what another process saved since: the operator brings rosters to a coordinator that runs.
 * @throws ConsiliumError `ROSTER_INVALID` for one that does not follow; those before it are in force.
 */
export async function takeInRosters(
  membership: Membership,
  store: RosterStore,
): Promise<readonly SignedRoster[]> {
  const saved = await store.load();
  const taken: SignedRoster[] = [];
  for (const bytes of saved.slice(membership.current().version)) taken.push(await membership.accept(bytes));
  return taken;
}
