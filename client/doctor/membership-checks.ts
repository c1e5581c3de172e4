import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type Finding, failedBy } from '../../shared/core/finding.ts';
import { readCertificate, readCertificatesPem } from '../../shared/crypto/certificates.ts';
import { publicKeyAt } from '../../shared/crypto/public-key.ts';
import { type Membership, openMembership } from '../../shared/identity/membership.ts';
import { isTrial, type Roster, standingOf } from '../../shared/identity/roster.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import type { NodePlace } from './node-place.ts';

const DAY_MS = 24 * 3_600_000;
/** Daemons renew at two thirds of 90 days: with fewer left, something keeps them from it. */
const CERTIFICATE_DAYS = 20;

const FETCH: Readonly<Record<NodePlace['kind'], string>> = {
  site: 'fetch it: consilium site enroll --wait',
  coordinator: 'take what an officer made: consilium coordinator certify FILE.issuing-ca.pem',
};

/** The rosters of the folder, each checked against the one before, from the words on. */
export async function checkRoster({
  rosters,
  words,
}: NodePlace): Promise<{ readonly finding: Finding; readonly membership: Membership | undefined }> {
  const check = 'roster';
  try {
    const pinned = { words: (await readFile(words, 'utf8').catch(() => '')).trim() };
    const membership = await openMembership({ store: rosterFolder(rosters), pinned });
    const roster = membership.current();
    const found = `version ${roster.version} of ${roster.consortium}`;
    if (!isTrial(roster)) return { finding: { check, state: 'ok', found }, membership };
    const cause = 'one officer decides everything alone';
    const fix = 'for patients of real people, found a consortium of two officers or more';
    return { finding: { check, state: 'warning', found: `${found} (a trial)`, cause, fix }, membership };
  } catch (error) {
    const finding = failedBy(check, error, 'none that holds', 'enroll again: the rosters are fetched anew');
    return { finding, membership: undefined };
  }
}

/** Whether the roster knows this party by the key that lies here. @param id of the party. */
export async function checkIdentity(
  place: NodePlace,
  { id, roster, clock }: { readonly id: string; readonly roster: Roster; readonly clock: Clock },
): Promise<Finding> {
  const check = 'identity';
  try {
    const key = await publicKeyAt(place.identityKey);
    const entry =
      place.kind === 'coordinator' ? roster.coordinator : roster.sites.find((site) => site.id === id);
    const standing =
      place.kind === 'site' ? standingOf(roster, id, clock.now()) : entry?.id === id ? 'active' : 'unknown';
    if (standing !== 'active' || entry === undefined) {
      const cause = `roster ${roster.version} has ${id} as ${standing}`;
      return { check, state: 'failed', found: `${id}: ${standing}`, cause, fix: 'ask the officers' };
    }
    if (Buffer.compare(key, entry.key) === 0) return { check, state: 'ok', found: `${id}, a member` };
    return {
      check,
      state: 'failed',
      found: `${id}, with another key than the roster's`,
      cause: 'the key of this folder is not the one that the officers admitted',
      fix: 'restore keys/ from the backup, or be admitted again with the new key',
    };
  } catch (error) {
    return failedBy(check, error, 'no key that can be read', 'restore keys/ from the backup');
  }
}

/** When each certificate of the folder ends. */
export async function checkCertificate(
  path: string,
  { kind }: Pick<NodePlace, 'kind'>,
  clock: Clock,
): Promise<Finding> {
  const check = basename(path, '.pem');
  try {
    const [own] = readCertificatesPem(await readFile(path, 'utf8'));
    const { notBefore, notAfter } = readCertificate(own as Uint8Array);
    const days = Math.floor((notAfter.getTime() - clock.now()) / DAY_MS);
    const found = `until ${notAfter.toISOString().slice(0, 10)} (${days} days)`;
    const fix = 'start the daemon, which renews it; a site whose certificate has ended enrolls again';
    if (notBefore.getTime() > clock.now()) {
      return {
        check,
        state: 'failed',
        found,
        cause: 'it is not valid yet',
        fix: 'set the clock of this machine',
      };
    }
    if (days >= CERTIFICATE_DAYS) return { check, state: 'ok', found };
    const cause = days < 0 ? 'it has ended' : 'it should have been renewed by now';
    return { check, state: days < 0 ? 'failed' : 'warning', found, cause, fix };
  } catch (error) {
    const cause = error instanceof ConsiliumError ? error.message : `${path}: cannot be read`;
    return { check, state: 'failed', found: 'none', cause, fix: FETCH[kind] };
  }
}
