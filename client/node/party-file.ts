import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { checkSchema } from '../../shared/config/check-schema.ts';
import { refuseFaults } from '../../shared/config/faults.ts';
import { readText } from '../../shared/config/read-text.ts';
import { loadYaml } from '../../shared/config/yaml-file.ts';
import { type PassphraseSource, readSigningKey } from '../../shared/crypto/key-file.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import { openMembership } from '../../shared/identity/membership.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { text } from '../../shared/study/schema-parts.ts';

/** Somebody who commands studies and holds no data: a lead, or the operator. */
export interface Party {
  readonly signer: Signer;
  readonly membership: Membership;
  /** `host:port` of the coordinator's door for people. */
  readonly address: string;
}

/** In the party's folder. */
export const PARTY_FILE = 'party.yaml';

const schema = z.strictObject({
  role: z.enum(['lead', 'operator']),
  id: text(64),
  coordinator: text(300),
  /** Paths, meant from the folder. */
  key: text(4096),
  membership: text(4096),
});

/** @throws ConsiliumError `FILE_UNREADABLE`, `SITE_FILE_INVALID`, `ROSTER_INVALID`, and as `readSigningKey`. */
export async function openParty(folder: string, passphrase: PassphraseSource): Promise<Party> {
  const path = join(folder, PARTY_FILE);
  const yaml = loadYaml(readText(path, KIND), path);
  const checked = yaml.value === undefined ? undefined : checkSchema(schema, yaml);
  refuseFaults('SITE_FILE_INVALID', [...yaml.faults, ...(checked?.ok === false ? checked.faults : [])]);
  if (checked?.ok !== true) throw new Error('a party file without faults has a value');
  const { role, id, coordinator, key: keyPath, membership: membershipPath } = checked.value;
  const at = (written: string) => (isAbsolute(written) ? written : join(dirname(path), written));
  const { key } = await readSigningKey(at(keyPath), passphrase);
  const words = readText(join(at(membershipPath), 'words.txt'), WORDS).trim();
  const store = rosterFolder(join(at(membershipPath), 'rosters'));
  return {
    signer: { role, id, key },
    membership: await openMembership({ store, pinned: { words } }),
    address: coordinator,
  };
}

const KIND = {
  what: 'the file of a lead or an operator',
  tooLong: 'SITE_FILE_INVALID',
  hint: 'Name the folder with --dir: that of the lead, or "operator" in the folder of the coordinator.',
} as const;
const WORDS = {
  what: "the consortium's eight words",
  tooLong: 'SITE_FILE_INVALID',
  hint: 'The folder of the membership holds words.txt and rosters/.',
} as const;
