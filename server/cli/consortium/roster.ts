import { resolve } from 'node:path';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { rosterWords } from '../../../shared/identity/fingerprint.ts';
import {
  encodeRoster,
  isTrial,
  keyOf,
  parseRoster,
  type Roster,
  rosterInvalid,
  type SignedRoster,
} from '../../../shared/identity/roster.ts';
import { type PinnedWords, signaturesMissing } from '../../../shared/identity/roster-chain.ts';
import { rosterDifference } from '../../../shared/identity/roster-difference.ts';
import { readRosterFile } from '../../../shared/identity/roster-folder.ts';
import { signRoster } from '../../../shared/identity/sign-roster.ts';
import { checkOfficer } from './change-roster.ts';
import {
  officerFolder,
  openOfficer,
  type RosterHistory,
  readHistory,
  saveRoster,
  writeFileAt,
} from './officer-folder.ts';
import type { OfficerOptions, OfficerTools } from './officer-tools.ts';
import { rosterResult, TRIAL } from './roster-text.ts';

/**
 * Who is in a roster. Nothing is checked but its form: whether it is in force depends on the roster before.
 * @throws ConsiliumError `ROSTER_INVALID`, `FILE_UNREADABLE`.
 */
export async function runRosterShow(options: { readonly file: string }): Promise<CommandResult> {
  const { roster, signatures, hash } = parseRoster(await readRosterFile(options.file));
  const { consortium, version, issued, threshold, officers, coordinator, leads, sites } = roster;
  const signedBy = signatures.map(({ officer }) => officer);
  const words = version === 1 ? rosterWords(hash) : undefined;
  const ids = (members: readonly { readonly id: string }[]) => members.map(({ id }) => id);
  const listed = (members: readonly string[]) => members.join(', ') || 'none';
  const sitesText = sites.map(({ id, status, reason }) =>
    status === 'active' ? id : `${id} (revoked: ${reason})`,
  );
  return {
    text: [
      ...(isTrial(roster) ? [TRIAL] : []),
      `${consortium}, roster ${version} of ${issued}`,
      `  sha256:${hash}`,
      `  signed by    ${listed(signedBy)}; ${threshold} must sign the next`,
      `  officers     ${listed(ids(officers))}`,
      `  coordinator  ${coordinator === undefined ? 'none' : `${coordinator.id} at ${coordinator.endpoints.join(', ')}`}`,
      `  leads        ${listed(ids(leads))}`,
      `  sites        ${listed(sitesText)}`,
      ...(words === undefined ? [] : [`  words        ${words}`]),
    ].join('\n'),
    data: {
      consortium,
      trial: isTrial(roster),
      version,
      hash: `sha256:${hash}`,
      issued,
      threshold,
      officers: ids(officers),
      coordinator:
        coordinator === undefined ? null : { id: coordinator.id, endpoints: coordinator.endpoints },
      leads: ids(leads),
      sites: sites.map(({ id, status, reason }) => ({ id, status, reason: reason ?? null })),
      signedBy,
      words: words ?? null,
    },
  };
}

/**
 * Signs a draft, after its difference to the roster before was shown and agreed to; takes in one that has enough
 * signatures. The file and the officer's own copy both get the signature.
 * @throws ConsiliumError `ROSTER_INVALID`, `PERMISSION_DENIED`; `BAD_ARGUMENT` where nobody agreed, or the officer has
 *   another draft of that version.
 */
export async function runRosterSign(
  options: OfficerOptions & { readonly file: string; readonly isAgreed: boolean },
  tools: OfficerTools,
  _io: CommandIo,
): Promise<CommandResult> {
  const { file, isAgreed } = options;
  const folder = officerFolder(options.folder);
  const history = await readHistory(folder);
  const offered = parseRoster(await readRosterFile(file));
  const before = predecessor(history, offered);
  const next = withOwnSignatures(history, offered);
  const difference = rosterDifference('words' in before ? undefined : before.roster, next.roster);
  const keep = async (signed: SignedRoster, done: string): Promise<CommandResult> => {
    const path = await saveRoster(folder, signed);
    if (resolve(path) !== resolve(file)) await writeFileAt(file, signed.bytes);
    return rosterResult({ done, signed, missing: signaturesMissing(before, signed), difference, path: file });
  };

  const { version } = next.roster;
  if (signaturesMissing(before, next) === 0) return keep(next, `took in roster ${version}`);
  const officer = await openOfficer(options, tools.passphrase);
  checkOfficer(officersOf(before, next.roster, officer.id), officer);
  if (next.signatures.some((signature) => signature.officer === officer.id)) {
    return keep(next, `roster ${version} has ${officer.id}'s signature already`);
  }
  if (!isAgreed) await agree(next.roster, difference, tools);
  return keep(signRoster(next, officer), `signed roster ${version} as ${officer.id}`);
}

/** The officers of the roster before decide; whoever is new shows that he has his key. */
function officersOf(before: SignedRoster | PinnedWords, next: Roster, officer: string): Roster {
  if ('words' in before) return next;
  return keyOf(before.roster, 'officer', officer) === undefined ? next : before.roster;
}

function predecessor(
  { accepted }: RosterHistory,
  { roster, hash }: SignedRoster,
): SignedRoster | PinnedWords {
  const { version } = roster;
  const same = accepted[version - 1];
  if (same !== undefined && same.hash !== hash) {
    throw rosterInvalid(
      `version ${version}: expected sha256:${same.hash}, which is in force, got sha256:${hash}`,
    );
  }
  if (version === 1) return { words: rosterWords(hash) };
  const before = accepted[version - 2];
  if (before !== undefined) return before;
  throw rosterInvalid(
    `version ${version}: expected roster ${version - 1} in the officer's folder, got ${accepted.length} rosters`,
    'Take in the rosters between them first, in order, with consilium consortium roster sign.',
  );
}

/** The roster with the signatures of the officer's own copy as well. */
function withOwnSignatures({ accepted, draft }: RosterHistory, offered: SignedRoster): SignedRoster {
  const { version } = offered.roster;
  const own = accepted[version - 1] ?? (draft?.roster.version === version ? draft : undefined);
  if (own === undefined) return offered;
  // The founding draft changes with each officer who joins, and drops its signatures.
  const isFounding = version === 1 && own === draft;
  if (own.hash !== offered.hash) {
    if (isFounding) return offered;
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `version ${version}: expected the officer's own draft of it, sha256:${own.hash}, got another, sha256:${offered.hash}`,
      {
        hint: 'Two different rosters of one version are not both signed: delete the own draft if it is given up.',
      },
    );
  }
  const known = new Set(offered.signatures.map(({ officer }) => officer));
  const more = own.signatures.filter(({ officer }) => !known.has(officer));
  return encodeRoster(offered.roster, [...offered.signatures, ...more]);
}

async function agree(roster: Roster, difference: readonly string[], tools: OfficerTools): Promise<void> {
  if (tools.ask === undefined) {
    throw new ConsiliumError('BAD_ARGUMENT', 'roster sign: expected somebody to agree, got no terminal', {
      hint: 'Look at it with consilium consortium roster show, then sign with --yes.',
    });
  }
  const lines = [
    `roster ${roster.version} of ${roster.consortium}:`,
    ...difference.map((line) => `  ${line}`),
  ];
  const answer = await tools.ask(`${lines.join('\n')}\nsign it? Type yes: `);
  if (answer.trim().toLowerCase() !== 'yes') {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      'roster sign: expected yes, got another answer; nothing was signed',
    );
  }
}
