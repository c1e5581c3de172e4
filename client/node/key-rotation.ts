import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { publicKeyAt } from '../../shared/crypto/public-key.ts';
import type { SigningKey } from '../../shared/crypto/sign.ts';
import { signApproval } from '../../shared/identity/approval.ts';
import { keyOf, type Roster } from '../../shared/identity/roster.ts';
import { fileApprovals } from '../storage/approvals.ts';
import { withLock } from '../storage/sqlite-lock.ts';
import type { NodeFolder } from './node-folder.ts';

/**
 * Puts the next TLS key in the place of the old, once its certificate is there. What was cut off in between goes on from
 * there; without a certificate nothing is done.
 */
export async function finishTlsRotation(folder: NodeFolder): Promise<void> {
  if (!existsSync(folder.nextCertificate)) return;
  await renamed(folder.nextTlsKey, folder.tlsKey);
  await renamed(folder.nextCertificate, folder.certificate);
}

/**
 * Whether the roster lists an identity key for the site that lies here and is not `inUse`: the officers have signed a
 * change of it. @param inUse public key.
 */
export async function isReplaced(
  inUse: Uint8Array,
  { site, roster, folder }: { readonly site: string; readonly roster: Roster; readonly folder: NodeFolder },
): Promise<boolean> {
  const listed = keyOf(roster, 'site', site);
  if (listed === undefined || isEqual(listed, inUse)) return false;
  for (const path of [folder.nextIdentityKey, folder.identityKey]) {
    if (existsSync(path) && isEqual(await publicKeyAt(path), listed)) return true;
  }
  return false;
}

/**
 * Puts the next identity key in the place of the old, once the roster lists it, with the approvals signed anew by it: they
 * are the site's own, and their days and policies stay. What was cut off in between goes on from there.
 * @param readKey opens a key file.
 * @throws ConsiliumError `STATE_CORRUPT` where an approval is not signed by the old key; as `readKey`.
 */
export async function finishIdentityRotation(
  folder: NodeFolder,
  options: {
    readonly site: string;
    readonly roster: Roster;
    readonly readKey: (path: string) => Promise<SigningKey>;
  },
): Promise<void> {
  const { site, roster, readKey } = options;
  if (!existsSync(folder.nextIdentityKey) && !existsSync(folder.nextApprovals)) return;
  await withLock(folder.approvalsLock, async () => {
    if (existsSync(folder.nextIdentityKey)) {
      const listed = keyOf(roster, 'site', site);
      if (listed === undefined || !isEqual(await publicKeyAt(folder.nextIdentityKey), listed)) return;
      const [old, next] = [await readKey(folder.identityKey), await readKey(folder.nextIdentityKey)];
      const approved = await fileApprovals(folder.approvals, old.publicKey).all();
      const signer = { role: 'site', id: site, key: next } as const;
      await rm(folder.nextApprovals, { force: true });
      const anew = fileApprovals(folder.nextApprovals, next.publicKey);
      for (const { signature: _, ...approval } of approved) await anew.add(signApproval(signer, approval));
      await renamed(folder.nextIdentityKey, folder.identityKey);
    }
    await renamed(folder.nextApprovals, folder.approvals);
  });
}

/** Where it is there: another process may have done it already. */
async function renamed(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
