import { existsSync } from 'node:fs';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { generateTlsKey } from '../../../shared/crypto/certificates.ts';
import { type PassphraseSource, writeKeyFile } from '../../../shared/crypto/key-file.ts';
import { makePrivateFolder, writePrivateFile } from '../../../shared/crypto/private-files.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import {
  coordinatorRequest,
  readAdmissionRequest,
  requestWords,
} from '../../../shared/identity/admission-request.ts';
import { normalWords } from '../../../shared/identity/fingerprint.ts';
import { openMembership } from '../../../shared/identity/membership.ts';
import { acceptRoster } from '../../../shared/identity/roster-chain.ts';
import { readRosterFile, rosterFolder } from '../../../shared/identity/roster-folder.ts';
import { readCoordinatorFile } from '../../node/coordinator-file.ts';
import { coordinatorFolder } from '../../node/coordinator-folder.ts';

export interface CoordinatorInitOptions {
  readonly id: string;
  /** `host:port` that sites connect to. */
  readonly endpoint: string;
  /** `host:port` for leads, the operator and sites that enroll; undefined: port 8444 of the same host. */
  readonly people: string | undefined;
  /** File of the consortium's first roster. */
  readonly roster: string;
  /** The consortium's eight words. */
  readonly words: string;
  readonly folder: string;
  /** Seals the keys; where it gives none, they are left to the mode of their files. */
  readonly passphrase: PassphraseSource;
}

const PEOPLE_PORT = 8444;

/**
 * Makes the folder of a coordinator: keys, settings, the first roster, and the request that officers admit it by.
 * @throws ConsiliumError `BAD_ID`, `COORDINATOR_FILE_INVALID` for an address that is none; `ROSTER_INVALID` where the
 * roster does not show the words; `BAD_ARGUMENT` where the folder holds a coordinator already.
 */
export async function runCoordinatorInit(
  options: CoordinatorInitOptions,
  _io: CommandIo,
): Promise<CommandResult> {
  const id = siteId(options.id);
  const folder = coordinatorFolder(options.folder);
  const people = options.people ?? `${hostPart(options.endpoint)}:${PEOPLE_PORT}`;
  const settings = settingsText({ id, endpoint: options.endpoint, people });
  readCoordinatorFile(settings, folder.file);
  const first = await readRosterFile(options.roster);
  const { roster } = acceptRoster({ words: options.words }, first);
  if (existsSync(folder.file)) {
    throw new ConsiliumError('BAD_ARGUMENT', `${folder.file}: expected no such file, got an existing one`, {
      hint: 'A folder holds one coordinator: give another with --dir.',
    });
  }
  const passphrase = await options.passphrase(folder.identityKey);
  for (const path of [
    folder.folder,
    folder.keys,
    folder.membership,
    folder.studies,
    folder.enrollment,
    folder.audit,
    folder.state,
    folder.operator,
  ]) {
    await makePrivateFolder(path);
  }
  const key = generateSigningKey();
  const [tls, issuingCa] = [generateTlsKey(), generateTlsKey()];
  await writeKeyFile(folder.identityKey, { kind: 'ed25519', id, key }, passphrase);
  await writeKeyFile(folder.tlsKey, { kind: 'p256', id, key: tls }, passphrase);
  await writeKeyFile(folder.issuingKey, { kind: 'p256', id, key: issuingCa }, passphrase);
  const request = await coordinatorRequest(
    { role: 'coordinator', id, key },
    { tls, issuingCa, endpoints: [options.endpoint] },
  );
  await writePrivateFile(folder.request, request);
  const words = normalWords(options.words);
  await openMembership({ store: rosterFolder(folder.rosters), pinned: { words }, first });
  await writePrivateFile(folder.words, `${words}\n`);
  await writePrivateFile(folder.party, partyText(id, people));
  await writePrivateFile(folder.file, settings);
  const own = requestWords(await readAdmissionRequest(request));
  return {
    text: [
      `made coordinator ${id} of ${roster.consortium} in ${folder.folder}`,
      `  ${folder.file}  addresses and limits`,
      `  ${folder.keys}  identity, TLS and issuing CA; they never leave this folder`,
      `  ${folder.request}  for the officers: consilium consortium admit coordinator.request.json`,
      `the coordinator's eight words, to read out to them: ${own}`,
      'next, with what the officers give back: consilium coordinator roster roster-2.json',
      `                                        consilium coordinator certify ${id}.issuing-ca.pem`,
    ].join('\n'),
    data: {
      coordinator: id,
      consortium: roster.consortium,
      folder: folder.folder,
      request: folder.request,
      words: own,
      endpoint: options.endpoint,
      people,
    },
  };
}

function settingsText({
  id,
  endpoint,
  people,
}: {
  readonly id: string;
  readonly endpoint: string;
  readonly people: string;
}): string {
  return `# The coordinator of one consortium. Paths are meant from this folder.
coordinator: ${JSON.stringify(id)}

# What sites connect to, as the roster has it.
endpoints: [${JSON.stringify(endpoint)}]

# Where this machine listens. "sites" asks every caller for a certificate; "people" is for leads, the operator and
# sites that enroll, and asks for none: requests are signed.
listen:
  sites: ${JSON.stringify(`0.0.0.0:${portPart(endpoint)}`)}
  people: ${JSON.stringify(`0.0.0.0:${portPart(people)}`)}

# Prometheus figures; null: none.
metrics: "127.0.0.1:9464"

# Folder of the files that studies name: tokenizers, frozen encoders, weights. null: none.
assets: null

# How rounds close; what is not given has its default. Such as
#   rounds: { graceMinutes: 30, limitHours: 24, quorumSites: 2 }
rounds: {}
`;
}

function partyText(id: string, people: string): string {
  return `# The operator, who acts with the coordinator's key: consilium coordinator status, consilium study pause.
role: operator
id: ${JSON.stringify(id)}
coordinator: ${JSON.stringify(people)}
key: ../keys/identity.key
membership: ../membership
`;
}

function hostPart(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':'));
}

function portPart(endpoint: string): string {
  return endpoint.slice(endpoint.lastIndexOf(':') + 1);
}
