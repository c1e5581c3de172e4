import { writeFile } from 'node:fs/promises';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { type SiteId, siteId } from '../../shared/core/ids.ts';
import { generateTlsKey } from '../../shared/crypto/certificates.ts';
import { type PassphraseSource, writeKeyFile } from '../../shared/crypto/key-file.ts';
import { makePrivateFolder } from '../../shared/crypto/private-files.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { nodeFolder } from '../node/node-folder.ts';
import { POLICY_TEMPLATE } from '../policy/policy-template.ts';

export interface SiteInitOptions {
  readonly site: string;
  readonly folder: string;
  /** Seals the keys; where it gives none, they are left to the mode of their files. */
  readonly passphrase: PassphraseSource;
}

/**
 * Makes a node folder: keys, node file, and a policy that allows nothing.
 * @throws ConsiliumError `BAD_ID`; `BAD_ARGUMENT` where the folder holds a node already; `FILE_UNREADABLE`.
 */
export async function runSiteInit(options: SiteInitOptions, _io: CommandIo): Promise<CommandResult> {
  const site = siteId(options.site);
  const folder = nodeFolder(options.folder);
  // Asked for first: whoever gives up has made nothing.
  const passphrase = await options.passphrase(folder.identityKey);
  for (const path of [folder.folder, folder.keys, folder.membership, folder.state, folder.audit]) {
    await makePrivateFolder(path);
  }
  // The node file first: it says whose folder this is, and a second init is refused before it makes anything.
  await newFile(folder.nodeFile, nodeTemplate(site));
  await newFile(folder.policy, POLICY_TEMPLATE);
  await writeKeyFile(
    folder.identityKey,
    { kind: 'ed25519', id: site, key: generateSigningKey() },
    passphrase,
  );
  await writeKeyFile(folder.tlsKey, { kind: 'p256', id: site, key: generateTlsKey() }, passphrase);
  const { nodeFile, policy, keys } = folder;
  return {
    text: [
      `made a node for ${site} in ${folder.folder}`,
      `  ${nodeFile}    where the data of each study lies`,
      `  ${policy}  what is allowed: nothing, until you say so`,
      `  ${keys}  identity and TLS key; they never leave this folder`,
      'next: consilium site enroll',
    ].join('\n'),
    data: { site, folder: folder.folder, nodeFile, policy, keys },
  };
}

function nodeTemplate(site: SiteId): string {
  return `# The node of one hospital. Paths are meant from this folder.
site: ${site}

# Both are filled in by: consilium site enroll
consortium: null
coordinator: null

# For each study, the file that maps the hospital's tables to it, and the folder of the data, such as
#   heart-four-hospitals: { mapping: heart.site.yaml, data: /data/heart }
studies: {}

# HTTP proxy towards the coordinator, such as http://proxy.example.org:3128.
proxy: null
`;
}

async function newFile(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new ConsiliumError('BAD_ARGUMENT', `${path}: expected no such file, got an existing one`, {
        cause,
        hint: 'A folder holds one node: give another with --dir.',
      });
    }
    const found = fileProblem(cause, 'write there');
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected a place to write, got ${found}`, {
      cause,
    });
  }
}
