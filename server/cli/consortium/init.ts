import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { certificatesPem, generateTlsKey, makeRootCa } from '../../../shared/crypto/certificates.ts';
import { writeKeyFile } from '../../../shared/crypto/key-file.ts';
import { rosterWords } from '../../../shared/identity/fingerprint.ts';
import { parseRoster, rosterInvalid, type SignedRoster } from '../../../shared/identity/roster.ts';
import { signaturesMissing } from '../../../shared/identity/roster-chain.ts';
import { foundRoster, withOfficer } from '../../../shared/identity/roster-changes.ts';
import { rosterDifference } from '../../../shared/identity/roster-difference.ts';
import { readRosterFile } from '../../../shared/identity/roster-folder.ts';
import { signRoster, unsignedRoster } from '../../../shared/identity/sign-roster.ts';
import { makeOfficer, officerFolder, saveRoster, writeFileAt } from './officer-folder.ts';
import type { OfficerOptions, OfficerTools } from './officer-tools.ts';
import { rosterResult } from './roster-text.ts';

/**
 * Founds a consortium: the officer's key, the root CA and the draft of roster 1. With a threshold of 1 the roster is
 * in force at once, and the consortium is a trial.
 * @throws ConsiliumError `BAD_ID`; `BAD_ARGUMENT` where the folder holds an officer; as `writeKeyFile`.
 */
export async function runConsortiumInit(
  options: OfficerOptions & { readonly name: string; readonly threshold: number },
  tools: OfficerTools,
  _io: CommandIo,
): Promise<CommandResult> {
  const { threshold } = options;
  const consortium = siteId(options.name);
  const folder = officerFolder(options.folder);
  const officer = await makeOfficer(options, folder, tools);
  const nowMs = tools.clock.now();
  const rootKey = generateTlsKey();
  const root = await makeRootCa(rootKey, { consortium, nowMs });
  const named = { kind: 'p256', id: consortium, key: rootKey } as const;
  await writeKeyFile(folder.rootKey, named, await tools.newPassphrase(folder.rootKey));
  await writeFileAt(folder.rootCertificate, certificatesPem([root]));
  const member = { id: officer.id, key: officer.key.publicKey };
  const draft = unsignedRoster(foundRoster({ consortium, officer: member, threshold, root, nowMs }));
  const signed = threshold === 1 ? signRoster(draft, officer) : draft;
  return rosterResult({
    done: `founded ${consortium} in ${folder.folder}`,
    signed,
    missing: missingInFirst(signed),
    difference: rosterDifference(undefined, signed.roster),
    path: await saveRoster(folder, signed),
    lines: [`  ${folder.rootKey}  the root CA; keep it offline`],
    data: { folder: folder.folder },
  });
}

/**
 * Joins a consortium that is being founded: makes the officer's key, adds it to the draft and signs. Signatures that
 * the draft had are void, since the draft is another now.
 * @throws ConsiliumError `ROSTER_INVALID` unless it is a draft of roster 1; else as {@link runConsortiumInit}.
 */
export async function runConsortiumJoin(
  options: OfficerOptions & { readonly file: string },
  tools: OfficerTools,
  io: CommandIo,
): Promise<CommandResult> {
  const draft = parseRoster(await readRosterFile(options.file));
  if (draft.roster.version !== 1 || missingInFirst(draft) === 0) {
    throw rosterInvalid(
      `${options.file}: expected a draft of roster 1, got version ${draft.roster.version}, in force`,
    );
  }
  const folder = officerFolder(options.folder);
  const officer = await makeOfficer(options, folder, tools);
  const { roster } = draft;
  const joined = unsignedRoster(withOfficer(roster, { id: officer.id, key: officer.key.publicKey }));
  const isEnough = roster.threshold <= joined.roster.officers.length;
  const signed = isEnough ? signRoster(joined, officer) : joined;
  const dropped = draft.signatures.map((signature) => signature.officer);
  if (dropped.length > 0) io.warn(`the roster is another now: to be signed again by ${dropped.join(', ')}`);
  await writeFileAt(options.file, signed.bytes);
  return rosterResult({
    done: `joined ${roster.consortium} as ${officer.id}`,
    signed,
    missing: missingInFirst(signed),
    difference: rosterDifference(undefined, signed.roster),
    path: await saveRoster(folder, signed),
    data: { folder: folder.folder },
  });
}

function missingInFirst(first: SignedRoster): number {
  return signaturesMissing({ words: rosterWords(first.hash) }, first);
}
