import { ConsiliumError } from '../core/errors.ts';
import type { ContentHash, SiteId } from '../core/ids.ts';
import { readCertificate } from '../crypto/certificates.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Role } from '../protocol/envelope.ts';
import { canonicalJson } from '../study/canonical.ts';
import { parseCanonical } from './canonical-file.ts';
import { MAX_ROSTER_BYTES, type RosterDocument, rosterSchema } from './roster-schema.ts';
import { labelled } from './signed-bytes.ts';

/** Someone who signs: an officer or a study lead. */
export interface Member {
  readonly id: string;
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array;
}

export interface RosterCoordinator extends Member {
  /** SHA-256 of the SubjectPublicKeyInfo of its TLS key; two while it is being changed. */
  readonly spki: readonly ContentHash[];
  /** `host:port`. */
  readonly endpoints: readonly string[];
}

export type RevocationReason = 'left' | 'lost' | 'compromised';

export interface RosterSite {
  readonly id: SiteId;
  readonly key: Uint8Array;
  /** As the coordinator's. */
  readonly spki: readonly ContentHash[];
  readonly status: 'active' | 'revoked';
  /** ISO 8601; undefined: no bound. */
  readonly notBefore: string | undefined;
  readonly notAfter: string | undefined;
  /** Of a revoked site. */
  readonly reason: RevocationReason | undefined;
}

/** The one authority on who is a member (`trust.md` §3). Signed by officers, distributed by the coordinator. */
export interface Roster {
  readonly format: 1;
  readonly consortium: string;
  /** From 1. */
  readonly version: number;
  /** Hash of the version before; undefined in version 1. */
  readonly previous: ContentHash | undefined;
  /** ISO 8601. */
  readonly issued: string;
  /** How many of these officers have to sign the next version; 1 is a trial consortium. */
  readonly threshold: number;
  readonly officers: readonly Member[];
  /** Undefined until one is admitted. */
  readonly coordinator: RosterCoordinator | undefined;
  readonly leads: readonly Member[];
  readonly sites: readonly RosterSite[];
  /** Root CAs, DER: what TLS certificates of the consortium lead to. */
  readonly roots: readonly Uint8Array[];
}

export interface RosterSignature {
  readonly officer: string;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** A roster as it was read. That it may be accepted is `acceptRoster`'s to say. */
export interface SignedRoster {
  readonly roster: Roster;
  readonly signatures: readonly RosterSignature[];
  /** As {@link rosterHash}. */
  readonly hash: ContentHash;
  /** Canonical JSON. */
  readonly bytes: Uint8Array;
}

/**
 * Reads a roster without asking who signed it.
 * @param bytes Borrowed.
 * @throws ConsiliumError `ROSTER_INVALID` unless canonical JSON of a roster in which no id and no key stands twice, no
 *   key is of small order, and the roots are CAs.
 */
export function parseRoster(bytes: Uint8Array): SignedRoster {
  const document = parseCanonical(bytes, rosterSchema, {
    what: 'roster',
    code: 'ROSTER_INVALID',
    maxBytes: MAX_ROSTER_BYTES,
  });
  const roster = rosterOf(document);
  checkRoster(roster);
  const signatures = document.signatures.map(({ officer, signature }) => ({
    officer,
    signature: bytesOfBase64(signature),
  }));
  refuseTwice(
    signatures.map(({ officer }) => officer),
    'signature of officer',
  );
  return { roster, signatures, hash: rosterHash(roster), bytes: Uint8Array.from(bytes) };
}

/** @throws ConsiliumError `ROSTER_INVALID`, as {@link parseRoster}. */
export function encodeRoster(roster: Roster, signatures: readonly RosterSignature[]): SignedRoster {
  const signed = signatures
    .map(({ officer, signature }) => ({ officer, signature: base64(signature) }))
    .sort((a, b) => (a.officer < b.officer ? -1 : 1));
  return parseRoster(Buffer.from(canonicalJson({ ...documentOf(roster), signatures: signed })));
}

/**
 * Names a roster: SHA-256 of what its officers sign. Who signed does not change it: signatures are not unique, and
 * more of them may come.
 */
export function rosterHash(roster: Roster): ContentHash {
  return sha256(rosterBytes(roster));
}

/** What an officer signs. */
export function rosterBytes(roster: Roster): Uint8Array {
  return labelled('consilium/roster/1', [canonicalJson(documentOf(roster))]);
}

/**
 * The identity key of a member; undefined for those who are unknown or revoked. The operator acts with the
 * coordinator's key. A site's dates are {@link standingOf}'s to judge.
 */
export function keyOf(roster: Roster, role: Role, id: string): Uint8Array | undefined {
  switch (role) {
    case 'officer':
      return roster.officers.find((officer) => officer.id === id)?.key;
    case 'lead':
      return roster.leads.find((lead) => lead.id === id)?.key;
    case 'site':
      return roster.sites.find((site) => site.id === id && site.status === 'active')?.key;
    case 'coordinator':
    case 'operator':
      return roster.coordinator?.id === id ? roster.coordinator.key : undefined;
  }
}

/** Whether a party of that role and id is in the roster and not revoked, as {@link keyOf}. */
export function isMember(roster: Roster, role: Role, id: string): boolean {
  return keyOf(roster, role, id) !== undefined;
}

/** @throws ConsiliumError `ROSTER_INVALID` where none is admitted yet. */
export function coordinatorOf(roster: Roster): RosterCoordinator {
  if (roster.coordinator !== undefined) return roster.coordinator;
  throw rosterInvalid(
    `version ${roster.version}: expected a coordinator, got none yet`,
    'Have an officer admit it: consilium consortium admit coordinator.request.json --officer ID.',
  );
}

/** What a site is to the consortium at a time. */
export type Standing = 'unknown' | 'active' | 'revoked' | 'not-yet' | 'ended';

export function standingOf(roster: Roster, site: string, nowMs: number): Standing {
  const entry = roster.sites.find(({ id }) => id === site);
  if (entry === undefined) return 'unknown';
  if (entry.status === 'revoked') return 'revoked';
  if (entry.notBefore !== undefined && !(Date.parse(entry.notBefore) <= nowMs)) return 'not-yet';
  if (entry.notAfter !== undefined && !(nowMs <= Date.parse(entry.notAfter))) return 'ended';
  return 'active';
}

/** Whether one officer alone decides; then every report has to say so. */
export function isTrial(roster: Roster): boolean {
  return roster.threshold === 1;
}

export function rosterInvalid(message: string, hint?: string): ConsiliumError {
  return new ConsiliumError('ROSTER_INVALID', `roster: ${message}`, hint === undefined ? {} : { hint });
}

function rosterOf(document: RosterDocument): Roster {
  const { signatures: _, previous, officers, coordinator, leads, sites, roots, ...plain } = document;
  return {
    ...plain,
    previous: previous === undefined ? undefined : hashOf(previous),
    officers: officers.map(memberOf),
    coordinator: coordinator && {
      ...coordinator,
      ...memberOf(coordinator),
      spki: coordinator.spki.map(hashOf),
    },
    leads: leads.map(memberOf),
    sites: sites.map(({ notBefore, notAfter, reason, status, ...site }) => ({
      id: site.id as SiteId,
      key: bytesOfBase64(site.key),
      spki: site.spki.map(hashOf),
      status,
      notBefore,
      notAfter,
      reason,
    })),
    roots: roots.map(bytesOfBase64),
  };
}

function documentOf(roster: Roster): Omit<RosterDocument, 'signatures'> {
  const { previous, officers, coordinator, leads, sites, roots, ...plain } = roster;
  const text = ({ id, key }: Member) => ({ id, key: base64(key) });
  return {
    ...plain,
    ...(previous === undefined ? {} : { previous: hashText(previous) }),
    officers: officers.map(text),
    ...(coordinator === undefined
      ? {}
      : {
          coordinator: {
            ...text(coordinator),
            spki: coordinator.spki.map(hashText),
            endpoints: [...coordinator.endpoints],
          },
        }),
    leads: leads.map(text),
    sites: sites.map(({ spki, status, notBefore, notAfter, reason, ...site }) => ({
      ...text(site),
      spki: spki.map(hashText),
      status,
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(notAfter === undefined ? {} : { notAfter }),
      ...(reason === undefined ? {} : { reason }),
    })),
    roots: roots.map(base64),
  };
}

/** What the form cannot say by itself. */
function checkRoster(roster: Roster): void {
  const { version, previous, officers, coordinator, leads, sites, roots } = roster;
  if ((version === 1) !== (previous === undefined)) {
    throw rosterInvalid(`version ${version}: expected a predecessor from version 2 on, and none before`);
  }
  const idsOf = (members: readonly { readonly id: string }[]) => members.map(({ id }) => id);
  refuseTwice(idsOf(officers), 'officer');
  refuseTwice(idsOf(leads), 'lead');
  refuseTwice(idsOf(sites), 'site');
  const parties = [...officers, ...leads, ...sites, ...(coordinator === undefined ? [] : [coordinator])];
  refuseTwice(
    parties.map(({ key }) => base64(key)),
    'identity key',
  );
  refuseTwice([...(coordinator?.spki ?? []), ...sites.flatMap(({ spki }) => spki)], 'TLS key');
  for (const { id, status, reason } of sites) {
    if ((status === 'revoked') !== (reason !== undefined)) {
      throw rosterInvalid(`site ${id}: expected a reason if it is revoked, and none else`);
    }
  }
  for (const root of roots) checkRoot(root);
}

function checkRoot(der: Uint8Array): void {
  const facts = (() => {
    try {
      return readCertificate(der);
    } catch (cause) {
      if (!(cause instanceof ConsiliumError)) throw cause;
      throw new ConsiliumError('ROSTER_INVALID', `roster: root CA: ${cause.message}`, { cause });
    }
  })();
  if (!facts.isCa || !facts.maySignCertificates || facts.issuer !== facts.subject) {
    throw rosterInvalid('root CA: expected a CA that signed itself, got another certificate');
  }
}

function refuseTwice(values: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw rosterInvalid(`${what}: expected each once, got ${value} twice`);
    seen.add(value);
  }
}

function memberOf({ id, key }: { readonly id: string; readonly key: string }): Member {
  return { id, key: bytesOfBase64(key) };
}

function hashOf(text: string): ContentHash {
  return text.slice('sha256:'.length) as ContentHash;
}

function hashText(hash: ContentHash): string {
  return `sha256:${hash}`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
