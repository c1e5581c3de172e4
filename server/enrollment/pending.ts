import { sha256 } from '../../shared/crypto/hash.ts';
import { type Roster, type RosterSite, standingOf } from '../../shared/identity/roster.ts';
import type { PendingEnrollment } from '../../shared/protocol/enrollment.ts';
import type { EnrollmentStore } from './enrollment-store.ts';

/** The requests whose keys the roster does not list. */
export function pendingEnrollments(
  store: Pick<EnrollmentStore, 'requests'>,
  roster: Roster,
  nowMs: number,
): readonly PendingEnrollment[] {
  return store.requests().filter((request) => !isListed(request, roster, nowMs));
}

/** Whether the site is a member now with both keys of its request. */
export function isListed(
  { site, identityKey, tlsKey }: PendingEnrollment,
  roster: Roster,
  nowMs: number,
): boolean {
  const listed = activeSite(roster, site, nowMs);
  return (
    listed !== undefined &&
    Buffer.compare(listed.key, identityKey) === 0 &&
    listed.spki.includes(sha256(tlsKey))
  );
}

/** Undefined where the site is no member now. */
export function activeSite(roster: Roster, site: string, nowMs: number): RosterSite | undefined {
  return standingOf(roster, site, nowMs) === 'active'
    ? roster.sites.find(({ id }) => id === site)
    : undefined;
}
