import type { ContentHash, SiteId } from '../core/ids.ts';
import { plural } from '../core/plural.ts';
import {
  type Member,
  type RevocationReason,
  type Roster,
  type RosterCoordinator,
  type RosterSite,
  rosterInvalid,
  type SignedRoster,
} from './roster.ts';
import { MAX_TLS_KEYS } from './roster-schema.ts';

/** The first roster of a consortium, with one officer and nobody else. */
export function foundRoster(founding: {
  readonly consortium: string;
  readonly officer: Member;
  readonly threshold: number;
  /** Root CA, DER. */
  readonly root: Uint8Array;
  readonly nowMs: number;
}): Roster {
  const { consortium, officer, threshold, root, nowMs } = founding;
  return {
    format: 1,
    consortium,
    version: 1,
    previous: undefined,
    issued: new Date(nowMs).toISOString(),
    threshold,
    officers: [officer],
    coordinator: undefined,
    leads: [],
    sites: [],
    roots: [root],
  };
}

/** The same members, one version on: what a draft starts from. */
export function nextVersion(current: SignedRoster, nowMs: number): Roster {
  const { roster, hash } = current;
  return {
    ...roster,
    version: roster.version + 1,
    previous: hash,
    issued: new Date(nowMs).toISOString(),
  };
}

/** @throws ConsiliumError `ROSTER_INVALID` where there is an officer of that id with another key. */
export function withOfficer(roster: Roster, officer: Member): Roster {
  return { ...roster, officers: withMember(roster.officers, officer, 'officer') };
}

/** @throws ConsiliumError `ROSTER_INVALID` where there is no officer of that id, or too few would be left to sign. */
export function withoutOfficer(roster: Roster, id: string): Roster {
  const officers = roster.officers.filter((officer) => officer.id !== id);
  if (officers.length === roster.officers.length) {
    throw rosterInvalid(`officer ${id}: expected an officer of the roster, got none of that id`);
  }
  return withThreshold({ ...roster, officers }, roster.threshold);
}

/**
 * @param threshold how many officers have to sign the roster after this one; this one itself needs as many as before.
 * @throws ConsiliumError `ROSTER_INVALID` where there are fewer.
 */
export function withThreshold(roster: Roster, threshold: number): Roster {
  const { length } = roster.officers;
  if (threshold <= length) return { ...roster, threshold };
  throw rosterInvalid(
    `threshold: expected at most the ${plural(length, 'officer')} there would be, got ${threshold}`,
    'Add officers first, or lower the threshold: consilium consortium officers threshold N --officer ID.',
  );
}

/** @throws ConsiliumError `ROSTER_INVALID` where there is a lead of that id with another key. */
export function withLead(roster: Roster, lead: Member): Roster {
  return { ...roster, leads: withMember(roster.leads, lead, 'lead') };
}

/** A new coordinator takes the place of the old one, whose key is then worth nothing. */
export function withCoordinator(
  roster: Roster,
  coordinator: Member & { readonly tlsKey: ContentHash; readonly endpoints: readonly string[] },
): Roster {
  const { id, key, tlsKey, endpoints } = coordinator;
  const old = roster.coordinator;
  const isSame = old !== undefined && old.id === id && isEqual(old.key, key);
  const next: RosterCoordinator = { id, key, spki: tlsKeys(tlsKey, isSame ? old.spki : []), endpoints };
  return { ...roster, coordinator: next };
}

/** A site that asks to be, or to stay, a member. */
export interface Applicant {
  readonly id: SiteId;
  readonly key: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo of its TLS key. */
  readonly tlsKey: ContentHash;
  /** Whether the key that the roster has of an active site signed the request too. */
  readonly hasFormerKey: boolean;
}

/**
 * The roster with the site. One that is known with the same identity key gets its new TLS key beside the old; one with
 * another identity key has to show the former, unless it was revoked.
 * @throws ConsiliumError `ROSTER_INVALID` otherwise.
 */
export function withSite(roster: Roster, applicant: Applicant): Roster {
  const { id, key, tlsKey, hasFormerKey } = applicant;
  const known = roster.sites.find((site) => site.id === id);
  const isSame = known !== undefined && known.status === 'active' && isEqual(known.key, key);
  if (known?.status === 'active' && !isSame && !hasFormerKey) {
    throw rosterInvalid(
      `site ${id}: expected its former key to sign the request too, since it is a member, got no such signature`,
      'If that key is lost, revoke the site with reason lost first.',
    );
  }
  const site: RosterSite = {
    id,
    key,
    spki: tlsKeys(tlsKey, isSame ? known.spki : []),
    status: 'active',
    notBefore: isSame ? known.notBefore : undefined,
    notAfter: isSame ? known.notAfter : undefined,
    reason: undefined,
  };
  const sites = [...roster.sites.filter((other) => other.id !== id), site];
  return { ...roster, sites: sites.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** @throws ConsiliumError `ROSTER_INVALID` for a site that is no active member. */
export function withoutSite(roster: Roster, id: string, reason: RevocationReason): Roster {
  if (!roster.sites.some((site) => site.id === id && site.status === 'active')) {
    throw rosterInvalid(`site ${id}: expected an active member, got none of that id`);
  }
  const sites = roster.sites.map((site) =>
    site.id === id ? { ...site, status: 'revoked' as const, reason } : site,
  );
  return { ...roster, sites };
}

/**
 * The old TLS key of a site is dropped once the new one was seen in use.
 * @throws ConsiliumError `ROSTER_INVALID` where no active member of that id has two.
 */
export function withNewestTlsKeys(roster: Roster, id: string): Roster {
  if (!roster.sites.some((site) => site.id === id && site.status === 'active' && site.spki.length > 1)) {
    throw rosterInvalid(`site ${id}: expected a member with two TLS keys, got none of that id`);
  }
  const sites = roster.sites.map((site) =>
    site.id === id ? { ...site, spki: site.spki.slice(0, 1) } : site,
  );
  return { ...roster, sites };
}

/** The newest first. */
function tlsKeys(newest: ContentHash, before: readonly ContentHash[]): readonly ContentHash[] {
  return [newest, ...before.filter((key) => key !== newest)].slice(0, MAX_TLS_KEYS);
}

function withMember(members: readonly Member[], member: Member, what: string): readonly Member[] {
  const known = members.find(({ id }) => id === member.id);
  if (known === undefined) return [...members, member];
  if (isEqual(known.key, member.key)) return members;
  throw rosterInvalid(`${what} ${member.id}: expected an id that is free, got one with another key`);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
