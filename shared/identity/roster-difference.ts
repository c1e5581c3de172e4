import { plural } from '../core/plural.ts';
import { isTrial, type Member, type Roster, type RosterSite } from './roster.ts';

/**
 * What changes from one roster to the next, a sentence for each, for an officer to read before signing. Everything but
 * version, predecessor and date shows; no line means that nothing else changes.
 * @param before undefined for the first roster: then all is new.
 */
export function rosterDifference(before: Roster | undefined, after: Roster): readonly string[] {
  return [
    ...(before === undefined ? [`consortium ${after.consortium} is founded`] : []),
    ...(before?.threshold === after.threshold ? [] : [thresholdText(before?.threshold, after)]),
    ...memberLines('officer', before?.officers ?? [], after.officers),
    ...coordinatorLines(before, after),
    ...memberLines('lead', before?.leads ?? [], after.leads),
    ...siteLines(before?.sites ?? [], after.sites),
    ...rootLines(before?.roots ?? [], after.roots),
  ];
}

function thresholdText(from: number | undefined, after: Roster): string {
  const trial = isTrial(after) ? ': a trial consortium' : '';
  const was = from === undefined ? '' : `, so far ${from}`;
  return `${plural(after.threshold, 'officer')} must sign a roster${was}${trial}`;
}

function memberLines(what: string, before: readonly Member[], after: readonly Member[]): string[] {
  return compared(before, after, {
    added: ({ id }) => [`${what} ${id} is new`],
    removed: ({ id }) => [`${what} ${id} is removed`],
    both: (from, to) => (isEqual(from.key, to.key) ? [] : [`${what} ${to.id} has another identity key`]),
  });
}

function coordinatorLines(before: Roster | undefined, after: Roster): string[] {
  const listed = (roster: Roster | undefined) =>
    roster?.coordinator === undefined ? [] : [roster.coordinator];
  const at = (endpoints: readonly string[]) => endpoints.join(', ');
  return compared(listed(before), listed(after), {
    added: ({ id, endpoints }) => [`coordinator ${id} at ${at(endpoints)} is new`],
    removed: ({ id }) => [`coordinator ${id} is removed`],
    both: (from, to) => [
      ...(isEqual(from.key, to.key) ? [] : [`coordinator ${to.id} has another identity key`]),
      ...changed(from.spki.join(), to.spki.join(), () => `coordinator ${to.id} has other TLS keys`),
      ...changed(
        at(from.endpoints),
        at(to.endpoints),
        (old, now) => `coordinator ${to.id} moves from ${old} to ${now}`,
      ),
    ],
  });
}

function siteLines(before: readonly RosterSite[], after: readonly RosterSite[]): string[] {
  return compared(before, after, {
    added: (site) => [`site ${site.id} is admitted${site.status === 'revoked' ? ', already revoked' : ''}`],
    removed: ({ id }) => [`site ${id} is removed from the list`],
    both: (from, to) => {
      const { id } = to;
      return [
        ...changed(from.status, to.status, (_, now) =>
          now === 'revoked' ? `site ${id} is revoked: ${to.reason}` : `site ${id} is a member again`,
        ),
        ...(from.status === to.status
          ? changed(from.reason, to.reason, () => `site ${id}: the reason is now ${to.reason}`)
          : []),
        ...(isEqual(from.key, to.key) ? [] : [`site ${id} has another identity key`]),
        ...changed(from.spki.join(), to.spki.join(), () => tlsText(id, from.spki, to.spki)),
        ...changed(
          from.notBefore,
          to.notBefore,
          () => `site ${id} is a member from ${to.notBefore ?? 'the start'}`,
        ),
        ...changed(
          from.notAfter,
          to.notAfter,
          () => `site ${id} is a member until ${to.notAfter ?? 'further notice'}`,
        ),
      ];
    },
  });
}

function tlsText(id: string, before: readonly string[], after: readonly string[]): string {
  if (before.every((key) => after.includes(key))) return `site ${id} has a new TLS key beside the old`;
  if (after.every((key) => before.includes(key))) return `site ${id} gives up its old TLS key`;
  return `site ${id} has other TLS keys`;
}

function rootLines(before: readonly Uint8Array[], after: readonly Uint8Array[]): string[] {
  const without = (roots: readonly Uint8Array[], others: readonly Uint8Array[]) =>
    roots.filter((root) => !others.some((other) => isEqual(root, other))).length;
  const [added, removed] = [without(after, before), without(before, after)];
  return [
    ...(added > 0 ? [`${plural(added, 'root CA')} new`] : []),
    ...(removed > 0 ? [`${plural(removed, 'root CA')} removed`] : []),
  ];
}

/** Lines for those who are new, gone, or in both lists, by id. */
function compared<Party extends { readonly id: string }>(
  before: readonly Party[],
  after: readonly Party[],
  lines: {
    readonly added: (party: Party) => string[];
    readonly removed: (party: Party) => string[];
    readonly both: (from: Party, to: Party) => string[];
  },
): string[] {
  const old = new Map(before.map((party) => [party.id, party]));
  const now = new Set(after.map(({ id }) => id));
  return [
    ...after.flatMap((party) => {
      const from = old.get(party.id);
      return from === undefined ? lines.added(party) : lines.both(from, party);
    }),
    ...before.filter(({ id }) => !now.has(id)).flatMap(lines.removed),
  ];
}

function changed<T>(from: T, to: T, line: (from: T, to: T) => string): string[] {
  return from === to ? [] : [line(from, to)];
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
