import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { certificateRequest, generateTlsKey, type TlsKey } from '../../shared/crypto/certificates.ts';
import {
  type PassphraseSource,
  readSigningKey,
  readTlsKey,
  writeKeyFile,
} from '../../shared/crypto/key-file.ts';
import { writePrivateFile } from '../../shared/crypto/private-files.ts';
import { generateSigningKey, type SigningKey } from '../../shared/crypto/sign.ts';
import { siteRequest } from '../../shared/identity/admission-request.ts';
import { fingerprintOf } from '../../shared/identity/fingerprint.ts';
import { signedByFormer } from '../../shared/identity/former-key.ts';
import { TOKEN_BYTES } from '../../shared/identity/invitation.ts';
import { type Membership, openMembership } from '../../shared/identity/membership.ts';
import { keyOf } from '../../shared/identity/roster.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import type { EnrollmentRequest } from '../../shared/protocol/enrollment.ts';
import { encodeEnrollmentRequest } from '../../shared/wire/enrollment-codec.ts';
import { addressOf } from '../node/address.ts';
import { NODE, readNodeFile } from '../node/node-file.ts';
import { type NodeFolder, nodeFolder } from '../node/node-folder.ts';
import { openSiteAudit } from '../node/site-audit.ts';
import { memberCalls } from '../rpc/member-calls.ts';

export interface SiteRotateOptions {
  readonly folder: string;
  readonly which: 'tls' | 'identity';
  /** Opens the keys that are there; the new one is sealed in the same way. */
  readonly passphrase: PassphraseSource;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  readonly software: string;
  /** As of `SiteRunOptions`. */
  readonly useProxy: (url: string) => void;
}

const TRIES = 3;

/**
 * Makes the site's next TLS or identity key, and the request by which officers put it into the roster, signed by the
 * identity key that they know. Until they have, the old key stays in use; then a daemon that runs takes up the new one.
 * Repeated, it keeps the key and writes the request anew.
 * @throws ConsiliumError `BAD_ARGUMENT` while the other key is being changed; `REVOKED` where the site is no member;
 * `ROSTER_INVALID`, `UNREACHABLE`, and as `readSigningKey`.
 */
export async function runSiteRotate(options: SiteRotateOptions, io: CommandIo): Promise<CommandResult> {
  const { which, clock } = options;
  const folder = nodeFolder(options.folder);
  const { site, proxy } = readNodeFile(readText(folder.nodeFile, NODE), folder.nodeFile);
  const [other, flag] =
    which === 'tls' ? [folder.nextIdentityKey, '--identity'] : [folder.nextTlsKey, '--tls'];
  if (existsSync(other)) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `${other}: expected no other change of keys under way, got one`,
      {
        hint: `Finish that of ${flag} first: one key proves the change of the other.`,
      },
    );
  }
  const words = (await readFile(folder.words, 'utf8').catch(() => '')).trim();
  const membership = await openMembership({ store: rosterFolder(folder.rosters), pinned: { words } });
  const keys = await keysOf(folder, site, options);
  checkMember(membership, keys.former);
  const request = join(folder.folder, `${site}.request.json`);
  await writePrivateFile(request, await requestFile(keys, which));
  await record(folder, keys.former, options);
  if (proxy !== undefined) options.useProxy(proxy);
  const isSent = await send(keys, { ...options, folder, membership }, io);
  const key = keys.signer.key.publicKey;
  const own = fingerprintOf({ role: 'site', id: site, key, spki: keys.tls.spki });
  return {
    text: [
      `made the next ${which === 'tls' ? 'TLS' : 'identity'} key of ${site}; the old one stays in use until the officers have signed`,
      `  ${request}  for the officers: consilium consortium admit ${site}.request.json`,
      ...(isSent ? ['the officers see the request at the coordinator as well'] : []),
      `this site's eight words from then on, to read out to the officer who rings: ${own}`,
      'a daemon that runs takes the key up by itself; see how it stands with: consilium site status',
    ].join('\n'),
    data: { site, which, request, sent: isSent, words: own, since: new Date(clock.now()).toISOString() },
  };
}

/** The keys that the site will have. */
interface NextKeys {
  readonly site: SiteId;
  readonly signer: Signer;
  readonly tls: TlsKey;
  /** Whom the roster knows. */
  readonly former: Signer;
}

async function keysOf(
  folder: NodeFolder,
  site: SiteId,
  { which, passphrase }: SiteRotateOptions,
): Promise<NextKeys> {
  let given: Uint8Array | undefined;
  const asked: PassphraseSource = async (path) => {
    given ??= await passphrase(path);
    return given;
  };
  const signerOf = (key: SigningKey): Signer => ({ role: 'site', id: site, key });
  const former = signerOf((await readSigningKey(folder.identityKey, asked)).key);
  const { key: tls } = await readTlsKey(folder.tlsKey, asked);
  if (which === 'tls') {
    if (!existsSync(folder.nextTlsKey)) {
      await writeKeyFile(folder.nextTlsKey, { kind: 'p256', id: site, key: generateTlsKey() }, given);
    }
    return { site, former, signer: former, tls: (await readTlsKey(folder.nextTlsKey, asked)).key };
  }
  if (!existsSync(folder.nextIdentityKey)) {
    await writeKeyFile(
      folder.nextIdentityKey,
      { kind: 'ed25519', id: site, key: generateSigningKey() },
      given,
    );
  }
  const signer = signerOf((await readSigningKey(folder.nextIdentityKey, asked)).key);
  return { site, former, signer, tls };
}

function checkMember(membership: Membership, { id, key }: Signer): void {
  const roster = membership.current();
  const listed = keyOf(roster, 'site', id);
  if (listed !== undefined && Buffer.compare(listed, key.publicKey) === 0) return;
  throw new ConsiliumError(
    'REVOKED',
    `${id}: expected a member with the identity key of this folder, got ${listed === undefined ? 'none' : 'one with another'}`,
    {
      hint: 'If the key was lost or compromised, have the officers revoke the site, and enroll as a new one.',
    },
  );
}

function requestFile({ signer, tls, former }: NextKeys, which: 'tls' | 'identity'): Promise<Uint8Array> {
  return siteRequest(signer, tls, which === 'identity' ? { former } : {});
}

async function record(
  folder: NodeFolder,
  { key }: Signer,
  { which, clock }: Pick<SiteRotateOptions, 'which' | 'clock'>,
): Promise<void> {
  const audit = await openSiteAudit(folder, { key, clock });
  try {
    await audit.append({ type: 'enrollment.rotation', data: { key: which } });
    await audit.head();
  } finally {
    await audit.close();
  }
}

/** Tells the coordinator, for the officers to see. @returns false where its door for people is not known here. */
async function send(
  { site, signer, tls, former }: NextKeys,
  options: Omit<SiteRotateOptions, 'folder'> & {
    readonly folder: NodeFolder;
    readonly membership: Membership;
  },
  io: CommandIo,
): Promise<boolean> {
  const { folder, membership } = options;
  if (!existsSync(folder.peopleDoor)) return false;
  const { calls, connection } = memberCalls({
    address: addressOf((await readFile(folder.peopleDoor, 'utf8')).trim()),
    membership,
    signer,
    clock: options.clock,
    uniform: options.uniform,
    software: options.software,
    signal: io.signal,
    onProgress: io.progress,
  });
  const asked = {
    site,
    identityKey: signer.key.publicKey,
    certificateRequest: await certificateRequest(tls, site),
    // A member needs no token: the key that the roster has of it signs.
    token: new Uint8Array(TOKEN_BYTES),
  };
  const request: EnrollmentRequest =
    signer === former ? { ...asked, previousSignature: undefined } : signedByFormer(former, asked);
  try {
    const body = encodeEnrollmentRequest(request);
    await calls.call('/consilium.v1.EnrollmentService/RequestEnrollment', body, { tries: TRIES });
    return true;
  } finally {
    connection.close();
  }
}
