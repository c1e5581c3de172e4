import { readFile } from 'node:fs/promises';
import { readText } from '../../shared/config/read-text.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { TlsKey } from '../../shared/crypto/certificates.ts';
import { type PassphraseSource, readSigningKey, readTlsKey } from '../../shared/crypto/key-file.ts';
import { type Membership, openMembership } from '../../shared/identity/membership.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { addressOf } from './address.ts';
import { finishIdentityRotation, finishTlsRotation } from './key-rotation.ts';
import { NODE, type NodeFile, readNodeFile } from './node-file.ts';
import { type NodeFolder, nodeFolder } from './node-folder.ts';

/** A node that is a member: whatever it needs to speak to the coordinator. */
export interface EnrolledNode {
  readonly folder: NodeFolder;
  readonly node: NodeFile;
  /** `host:port` of the coordinator's door for sites. */
  readonly address: string;
  /** Role `site`. */
  readonly signer: Signer;
  readonly tlsKey: TlsKey;
  /** PEM. */
  readonly chain: string;
  readonly membership: Membership;
}

/**
 * Opens the node with its keys; those that the officers have replaced since are put in place first.
 * @throws ConsiliumError `SITE_FILE_INVALID`, `ROSTER_INVALID`, `FILE_UNREADABLE`, and as `readSigningKey`.
 */
export async function openNode(path: string, passphrase: PassphraseSource): Promise<EnrolledNode> {
  const folder = nodeFolder(path);
  const node = readNodeFile(readText(folder.nodeFile, NODE), folder.nodeFile);
  if (node.coordinator === undefined) {
    throw new ConsiliumError('SITE_FILE_INVALID', `${folder.nodeFile}: expected a coordinator, got none`, {
      hint: 'Take part in the consortium first: consilium site enroll.',
    });
  }
  const words = (await readFile(folder.words, 'utf8').catch(() => '')).trim();
  const membership = await openMembership({ store: rosterFolder(folder.rosters), pinned: { words } });
  await finishTlsRotation(folder);
  await finishIdentityRotation(folder, {
    site: node.site,
    roster: membership.current(),
    readKey: async (path) => (await readSigningKey(path, passphrase)).key,
  });
  const { key } = await readSigningKey(folder.identityKey, passphrase);
  const { key: tlsKey } = await readTlsKey(folder.tlsKey, passphrase);
  const chain = await readFile(folder.certificate, 'utf8').catch((cause: unknown) => {
    throw new ConsiliumError('FILE_UNREADABLE', `${folder.certificate}: expected a certificate, got none`, {
      cause,
      hint: 'Fetch it with consilium site enroll --wait.',
    });
  });
  const signer = { role: 'site', id: node.site, key } as const;
  return { folder, node, address: addressOf(node.coordinator), signer, tlsKey, chain, membership };
}
