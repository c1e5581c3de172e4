import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { siteId } from '../../shared/core/ids.ts';
import { type PassphraseSource, writeKeyFile } from '../../shared/crypto/key-file.ts';
import { makePrivateFolder, writePrivateFile } from '../../shared/crypto/private-files.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { leadRequest, readAdmissionRequest, requestWords } from '../../shared/identity/admission-request.ts';
import { normalWords } from '../../shared/identity/fingerprint.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { PARTY_FILE } from '../node/party-file.ts';
import { rostersByWords } from '../node/rosters-by-words.ts';

export interface LeadInitOptions {
  readonly id: string;
  /** `host:port` of the coordinator's door for people. */
  readonly coordinator: string;
  /** The consortium's eight words. */
  readonly words: string;
  readonly folder: string;
  /** Seals the key; where it gives none, it is left to the mode of its file. */
  readonly passphrase: PassphraseSource;
  readonly clock: Clock;
}

/**
 * Makes the folder of a study's lead: a key, the rosters as the coordinator has them, and the request that officers admit
 * it by.
 * @throws ConsiliumError `BAD_ID`; `BAD_ARGUMENT` where the folder holds a party already; as `rostersByWords`.
 */
export async function runLeadInit(options: LeadInitOptions, io: CommandIo): Promise<CommandResult> {
  const { folder, clock } = options;
  const id = siteId(options.id);
  const words = normalWords(options.words);
  const party = join(folder, PARTY_FILE);
  if (existsSync(party)) {
    throw new ConsiliumError('BAD_ARGUMENT', `${party}: expected no such file, got an existing one`, {
      hint: 'A folder holds one lead: give another with --dir.',
    });
  }
  const key = generateSigningKey();
  const asking = { role: 'lead', id, key } as const;
  const rosters = await rostersByWords({
    address: options.coordinator,
    words,
    asking,
    clock,
    signal: io.signal,
  });
  const [membership, request] = [join(folder, 'membership'), join(folder, `${id}.request.json`)];
  const passphrase = await options.passphrase(join(folder, 'lead.key'));
  for (const path of [folder, membership]) await makePrivateFolder(path);
  await writeKeyFile(join(folder, 'lead.key'), { kind: 'ed25519', id, key }, passphrase);
  const store = rosterFolder(join(membership, 'rosters'));
  for (const { roster, bytes } of rosters) await store.save(roster.version, bytes);
  await writePrivateFile(join(membership, 'words.txt'), `${words}\n`);
  await writePrivateFile(
    party,
    `role: lead\nid: ${id}\ncoordinator: "${options.coordinator}"\nkey: lead.key\nmembership: membership\n`,
  );
  const bytes = leadRequest(asking);
  await writePrivateFile(request, bytes);
  const own = requestWords(await readAdmissionRequest(bytes));
  const consortium = rosters[0]?.roster.consortium;
  return {
    text: [
      `made lead ${id} of ${consortium} in ${folder}`,
      `  ${request}  for the officers: consilium consortium admit ${id}.request.json`,
      `the lead's eight words, to read out to them: ${own}`,
    ].join('\n'),
    data: { lead: id, consortium, folder, request, words: own },
  };
}
