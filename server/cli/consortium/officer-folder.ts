import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { fileProblem } from '../../../shared/core/file-problem.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { type PassphraseSource, readSigningKey, writeKeyFile } from '../../../shared/crypto/key-file.ts';
import { makePrivateFolder } from '../../../shared/crypto/private-files.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import { rosterWords } from '../../../shared/identity/fingerprint.ts';
import { parseRoster, rosterInvalid, type SignedRoster } from '../../../shared/identity/roster.ts';
import { signaturesMissing } from '../../../shared/identity/roster-chain.ts';
import { readRosterFile } from '../../../shared/identity/roster-folder.ts';
import type { Signer } from '../../../shared/identity/signer.ts';
import type { OfficerOptions, OfficerTools } from './officer-tools.ts';

/** Where an officer keeps what he has: a folder of mode 0700 on a medium of his own. */
export interface OfficerFolder {
  readonly folder: string;
  readonly officerKey: string;
  /** The root CA, with the officer who founded the consortium. */
  readonly rootKey: string;
  readonly rootCertificate: string;
  /** `roster-N.json`: those in force, and at most one draft behind them. */
  readonly rosters: string;
}

export function officerFolder(folder: string): OfficerFolder {
  return {
    folder,
    officerKey: join(folder, 'officer.key'),
    rootKey: join(folder, 'root-ca.key'),
    rootCertificate: join(folder, 'root-ca.pem'),
    rosters: join(folder, 'rosters'),
  };
}

/**
 * The officer, with his key.
 * @throws ConsiliumError `BAD_ARGUMENT` where the key is another officer's; as `readSigningKey`.
 */
export async function openOfficer(options: OfficerOptions, passphrase: PassphraseSource): Promise<Signer> {
  const { officerKey } = officerFolder(options.folder);
  const { id, key } = await readSigningKey(officerKey, passphrase);
  if (id === options.officer) return { role: 'officer', id, key };
  throw new ConsiliumError(
    'BAD_ARGUMENT',
    `${officerKey}: expected the key of ${options.officer}, got ${id}'s`,
    {
      hint: 'Give the folder of that officer with --dir.',
    },
  );
}

/**
 * Makes the folder with a key in it.
 * @throws ConsiliumError `BAD_ID`; `BAD_ARGUMENT` where the folder holds an officer; as `writeKeyFile`.
 */
export async function makeOfficer(
  options: OfficerOptions,
  folder: OfficerFolder,
  tools: OfficerTools,
): Promise<Signer> {
  const id = siteId(options.officer);
  await makePrivateFolder(folder.folder);
  await makePrivateFolder(folder.rosters);
  const key = generateSigningKey();
  const passphrase = await tools.newPassphrase(folder.officerKey);
  await writeKeyFile(folder.officerKey, { kind: 'ed25519', id, key }, passphrase);
  return { role: 'officer', id, key };
}

/** The rosters of an officer's folder. */
export interface RosterHistory {
  /** From version 1, each signed under the one before. */
  readonly accepted: readonly SignedRoster[];
  /** The next one, while it lacks signatures. */
  readonly draft: SignedRoster | undefined;
}

/** @throws ConsiliumError `ROSTER_INVALID` for a gap, or a roster that does not follow; `FILE_UNREADABLE`. */
export async function readHistory({ rosters }: OfficerFolder): Promise<RosterHistory> {
  const versions = await versionsIn(rosters);
  const accepted: SignedRoster[] = [];
  for (const [i, version] of versions.entries()) {
    const path = rosterPath(rosters, version);
    if (version !== i + 1) throw rosterInvalid(`${path}: expected version ${i + 1} before it, got none`);
    const next = parseRoster(await readRosterFile(path));
    if (next.roster.version !== version) {
      throw rosterInvalid(`${path}: expected version ${version}, got ${next.roster.version}`);
    }
    if (signaturesMissing(accepted.at(-1) ?? { words: rosterWords(next.hash) }, next) > 0) {
      if (i === versions.length - 1) return { accepted, draft: next };
      throw rosterInvalid(`${path}: expected enough signatures, since another follows, got too few`);
    }
    accepted.push(next);
  }
  return { accepted, draft: undefined };
}

/** @returns the file's path. @throws ConsiliumError `FILE_UNREADABLE`. */
export async function saveRoster({ rosters }: OfficerFolder, signed: SignedRoster): Promise<string> {
  const path = rosterPath(rosters, signed.roster.version);
  await writeFileAt(path, signed.bytes);
  return path;
}

/** @throws ConsiliumError `FILE_UNREADABLE`. */
export async function writeFileAt(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeAtomically(path, content, { mode: 0o644 });
  } catch (cause) {
    const found = fileProblem(cause, 'write there');
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected a place to write, got ${found}`, {
      cause,
    });
  }
}

function rosterPath(rosters: string, version: number): string {
  return join(rosters, `roster-${version}.json`);
}

async function versionsIn(rosters: string): Promise<number[]> {
  try {
    const names = await readdir(rosters);
    const versions = names.flatMap((name) => {
      const [, digits] = /^roster-([1-9]\d{0,6})\.json$/.exec(name) ?? [];
      return digits === undefined ? [] : [Number(digits)];
    });
    return versions.sort((a, b) => a - b);
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${rosters}: expected an officer's rosters, got ${fileProblem(cause)}`,
      { cause, hint: "Give the officer's folder with --dir; consilium consortium init makes one." },
    );
  }
}
