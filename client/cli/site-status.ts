import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { readCertificate, readCertificatesPem } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { tlsPublicKeyAt } from '../../shared/crypto/public-key.ts';
import { openMembership } from '../../shared/identity/membership.ts';
import { isTrial, type Roster, type Standing, standingOf } from '../../shared/identity/roster.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { NODE, readNodeFile } from '../node/node-file.ts';
import { type NodeFolder, nodeFolder } from '../node/node-folder.ts';
import { activityText, siteActivity } from './site-activity.ts';

/**
 * How far a node is on its way into the consortium, what it may train and what it sent of late, from its own folder: no
 * key is opened and nobody is asked.
 * @throws ConsiliumError `SITE_FILE_INVALID`, `ROSTER_INVALID`, `CERTIFICATE_REFUSED`, `STATE_CORRUPT`.
 */
export async function runSiteStatus(
  options: { readonly folder: string; readonly clock: Clock },
  _io: CommandIo,
): Promise<CommandResult> {
  const folder = nodeFolder(options.folder);
  const node = readNodeFile(readText(folder.nodeFile, NODE), folder.nodeFile);
  const { site } = node;
  const held = await membershipOf(folder);
  const roster = held?.current();
  const standing = roster === undefined ? undefined : standingOf(roster, site, options.clock.now());
  const until = await certificateEnd(folder);
  const activity = await siteActivity(folder, options.clock);
  const changing = await keyChanges(folder, roster, site);
  const next = nextStep({ hasRoster: roster !== undefined, standing, hasCertificate: until !== undefined });
  return {
    text: [
      `${site}: ${standing === undefined ? 'not enrolled' : STANDINGS[standing]}`,
      ...(roster === undefined
        ? []
        : [
            `  consortium   ${roster.consortium}, roster ${roster.version}${isTrial(roster) ? ' (trial: one officer decides alone)' : ''}`,
          ]),
      ...(node.coordinator === undefined ? [] : [`  coordinator  ${node.coordinator}`]),
      ...(until === undefined ? [] : [`  certificate  until ${until}`]),
      ...changing.map((line) => `  ${line}`),
      ...activityText(activity),
      ...(next === undefined || activity.isRunning ? [] : [`next: ${next}`]),
    ].join('\n'),
    data: {
      site,
      standing: standing ?? null,
      consortium: roster?.consortium ?? null,
      roster: roster?.version ?? null,
      trial: roster === undefined ? null : isTrial(roster),
      coordinator: node.coordinator ?? null,
      certificateUntil: until ?? null,
      keyChanges: changing,
      ...activity,
    },
  };
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  unknown: 'waits for the officers',
  active: 'a member',
  revoked: 'revoked by the officers',
  'not-yet': 'a member from a later day on',
  ended: 'its membership has ended',
};

async function membershipOf({ rosters, words }: NodeFolder) {
  if (!existsSync(words)) return undefined;
  const pinned = { words: (await readFile(words, 'utf8')).trim() };
  return openMembership({ store: rosterFolder(rosters), pinned });
}

/** What `site rotate` has under way. */
async function keyChanges(folder: NodeFolder, roster: Roster | undefined, site: string): Promise<string[]> {
  const waiting = [
    ...(existsSync(folder.nextTlsKey) ? ['TLS'] : []),
    ...(existsSync(folder.nextIdentityKey) ? ['identity'] : []),
  ].map((which) => `next ${which} key: waits for the officers, or for the daemon to take it up`);
  const [newest, old] = roster?.sites.find(({ id }) => id === site)?.spki ?? [];
  if (old === undefined || sha256(await tlsPublicKeyAt(folder.tlsKey)) !== newest) return waiting;
  return [...waiting, `the new TLS key is in use; an officer may: consilium consortium drop-tls ${site}`];
}

async function certificateEnd({ certificate }: NodeFolder): Promise<string | undefined> {
  if (!existsSync(certificate)) return undefined;
  const [own] = readCertificatesPem(await readFile(certificate, 'utf8')) as [Uint8Array];
  return readCertificate(own).notAfter.toISOString();
}

function nextStep(known: {
  readonly hasRoster: boolean;
  readonly standing: Standing | undefined;
  readonly hasCertificate: boolean;
}): string | undefined {
  if (!known.hasRoster)
    return 'consilium site enroll --coordinator https://HOST:PORT --words "..." --token-file FILE';
  if (!known.hasCertificate) return 'consilium site enroll --wait';
  return known.standing === 'active' ? 'consilium site run' : undefined;
}
