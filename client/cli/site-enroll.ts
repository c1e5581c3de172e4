import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import {
  certificateRequest,
  readCertificate,
  readCertificatesPem,
  type TlsKey,
} from '../../shared/crypto/certificates.ts';
import { type PassphraseSource, readSigningKey, readTlsKey } from '../../shared/crypto/key-file.ts';
import { readPrivateFile, writePrivateFile } from '../../shared/crypto/private-files.ts';
import { siteRequest } from '../../shared/identity/admission-request.ts';
import { fingerprintOf, normalWords } from '../../shared/identity/fingerprint.ts';
import { readToken } from '../../shared/identity/invitation.ts';
import { type Membership, openMembership } from '../../shared/identity/membership.ts';
import { coordinatorOf, isTrial } from '../../shared/identity/roster.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { LONG_POLL_DEADLINE_MS } from '../../shared/transport/limits.ts';
import {
  decodeAwaitCertificateReply,
  encodeAwaitCertificateRequest,
  encodeEnrollmentRequest,
} from '../../shared/wire/enrollment-codec.ts';
import { addressOf } from '../node/address.ts';
import { fetchRosters } from '../node/fetch-rosters.ts';
import { NODE, type NodeFile, readNodeFile } from '../node/node-file.ts';
import { type NodeFolder, nodeFolder } from '../node/node-folder.ts';
import { rostersByWords } from '../node/rosters-by-words.ts';
import { keepCertificate } from '../node/site-certificate.ts';
import { writeEnrolled } from '../node/write-node-file.ts';
import { memberCalls } from '../rpc/member-calls.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';

export interface SiteEnrollOptions {
  readonly folder: string;
  /** `https://host:port` of the coordinator's door for people; undefined: as at the last time. */
  readonly coordinator: string | undefined;
  /** The consortium's eight words; undefined: as at the last time. */
  readonly words: string | undefined;
  /** File of the token; undefined: the request was sent before. */
  readonly tokenFile: string | undefined;
  /** Stays until the officers have signed, and receives the certificate. */
  readonly wait: boolean;
  readonly passphrase: PassphraseSource;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  readonly software: string;
  /** As of `SiteRunOptions`. */
  readonly useProxy: (url: string) => void;
}

/** Failures in a row after which the command gives up. */
const TRIES = 3;

/**
 * Asks the officers to make this site a member. The rosters are fetched and checked against the words before the token
 * leaves; what they say of the coordinator's key decides whom it goes to.
 * @throws ConsiliumError `WORDS_MISMATCH`, `ROSTER_INVALID`, `INVITATION_REFUSED`, `UNREACHABLE`; `BAD_ARGUMENT` where the
 * first call lacks an option; `REVOKED`, `CERTIFICATE_REFUSED` while it waits.
 */
export async function runSiteEnroll(options: SiteEnrollOptions, io: CommandIo): Promise<CommandResult> {
  const folder = nodeFolder(options.folder);
  const node = readNodeFile(readText(folder.nodeFile, NODE), folder.nodeFile);
  const { site } = node;
  if (node.proxy !== undefined) options.useProxy(node.proxy);
  if (options.tokenFile === undefined && !options.wait) {
    throw missing('--token-file, to ask, or --wait, for what was asked before');
  }
  const door = options.coordinator ?? (await textAt(folder.peopleDoor));
  const words = options.words ?? (await textAt(folder.words));
  if (door === undefined) throw missing('--coordinator https://HOST:PORT');
  if (words === undefined) throw missing('--words "..."');
  const address = peopleAddress(door);
  const { key } = await readSigningKey(folder.identityKey, options.passphrase);
  const { key: tlsKey } = await readTlsKey(folder.tlsKey, options.passphrase);
  const signer: Signer = { role: 'site', id: site, key };
  const token = options.tokenFile === undefined ? undefined : await tokenAt(options.tokenFile);
  const membership = await membershipOf(folder, { ...options, address, words, asking: signer }, io);
  await writePrivateFile(folder.words, `${normalWords(words)}\n`);
  await writePrivateFile(folder.peopleDoor, `${door}\n`);
  const { calls, connection } = memberCalls({
    address,
    membership,
    signer,
    clock: options.clock,
    uniform: options.uniform,
    software: options.software,
    signal: io.signal,
    onProgress: io.progress,
  });
  const spokenFor = { site, folder, calls, membership, signer, tlsKey };
  try {
    await fetchRosters(calls, membership, { tries: TRIES });
    await writeEnrolled(folder.nodeFile, enrolledOf(membership, node));
    if (token !== undefined) await ask(spokenFor, token);
    const until = options.wait ? await receive(spokenFor, options, io) : undefined;
    return await resultOf(spokenFor, { until, hasAsked: token !== undefined });
  } catch (error) {
    if (!io.signal.aborted) throw error;
    throw new ConsiliumError('INTERRUPTED', 'stopped on request; what was asked stays asked', {
      cause: error,
      hint: 'Run consilium site enroll --wait later.',
    });
  } finally {
    connection.close();
  }
}

interface Enrolling {
  readonly site: NodeFile['site'];
  readonly folder: NodeFolder;
  readonly calls: SignedCalls;
  readonly membership: Membership;
  readonly signer: Signer;
  readonly tlsKey: TlsKey;
}

/** The rosters as they are held, or as a first contact brings them. Nothing is kept of rosters that do not hold. */
async function membershipOf(
  { rosters }: NodeFolder,
  contact: {
    readonly address: string;
    readonly words: string;
    readonly asking: Signer;
    readonly clock: Clock;
  },
  io: CommandIo,
): Promise<Membership> {
  const store = rosterFolder(rosters);
  const pinned = { words: contact.words };
  if ((await store.load()).length > 0) return openMembership({ store, pinned });
  for (const { roster, bytes } of await rostersByWords({ ...contact, signal: io.signal })) {
    await store.save(roster.version, bytes);
  }
  return openMembership({ store, pinned });
}

async function ask({ site, calls, signer, tlsKey }: Enrolling, token: Uint8Array): Promise<void> {
  const body = encodeEnrollmentRequest({
    site,
    identityKey: signer.key.publicKey,
    certificateRequest: await certificateRequest(tlsKey, site),
    token,
    previousSignature: undefined,
  });
  token.fill(0);
  try {
    await calls.call('/consilium.v1.EnrollmentService/RequestEnrollment', body, { tries: TRIES });
  } finally {
    body.fill(0);
  }
}

/** @returns the end of the certificate's life, ISO 8601. */
async function receive(
  enrolling: Enrolling,
  { clock }: Pick<SiteEnrollOptions, 'clock'>,
  io: CommandIo,
): Promise<string> {
  const { site, calls, membership, signer, tlsKey, folder } = enrolling;
  const body = encodeAwaitCertificateRequest({ site, identityKey: signer.key.publicKey });
  for (;;) {
    const reply = decodeAwaitCertificateReply(
      await calls.call('/consilium.v1.EnrollmentService/AwaitCertificate', body, {
        deadlineMs: LONG_POLL_DEADLINE_MS,
      }),
    );
    if (reply.kind === 'certificate') {
      await fetchRosters(calls, membership, { tries: TRIES });
      const roster = () => membership.current();
      const pem = await keepCertificate(reply.chain, { site, tlsKey, roster, folder, clock });
      return readCertificate(readCertificatesPem(pem)[0] as Uint8Array).notAfter.toISOString();
    }
    io.progress(`${site}: the officers have not signed yet`);
  }
}

async function resultOf(
  { site, folder, membership, signer, tlsKey }: Enrolling,
  done: { readonly until: string | undefined; readonly hasAsked: boolean },
): Promise<CommandResult> {
  const roster = membership.current();
  const key = signer.key.publicKey;
  const words = fingerprintOf({ role: 'site', id: site, key, spki: tlsKey.spki });
  const request = join(folder.folder, `${site}.request.json`);
  await writePrivateFile(request, await siteRequest(signer, tlsKey));
  return {
    text: [
      ...(isTrial(roster) ? ['trial consortium: one officer decides alone'] : []),
      `${site}: ${done.until === undefined ? 'asked to join' : 'a member of'} ${roster.consortium}, roster ${roster.version}`,
      `this site's eight words, to read out to the officer who rings: ${words}`,
      ...(done.until === undefined
        ? [`  ${request}  for the officers`, 'next: consilium site enroll --wait']
        : [`  ${folder.certificate}  certificate until ${done.until}`, 'next: consilium site run']),
    ].join('\n'),
    data: {
      site,
      consortium: roster.consortium,
      trial: isTrial(roster),
      version: roster.version,
      words,
      asked: done.hasAsked,
      request,
      certificateUntil: done.until ?? null,
    },
  };
}

/** The sites' door, as the roster has it. */
function enrolledOf(
  membership: Membership,
  node: NodeFile,
): { readonly consortium: string; readonly coordinator: string } {
  const roster = membership.current();
  const { consortium } = roster;
  if (node.consortium !== undefined && node.consortium !== consortium) {
    throw new ConsiliumError(
      'SITE_FILE_INVALID',
      `site.yaml: expected no consortium or ${consortium}, got ${node.consortium}`,
      { hint: 'A node belongs to one consortium: make another folder with consilium site init.' },
    );
  }
  const doors = coordinatorOf(roster).endpoints.map((endpoint) => `https://${endpoint}`);
  const kept = doors.find((door) => door === node.coordinator);
  return { consortium, coordinator: kept ?? (doors[0] as string) };
}

function peopleAddress(door: string): string {
  if (/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/.test(door)) return addressOf(door);
  throw new ConsiliumError('BAD_ARGUMENT', `--coordinator: expected https://HOST:PORT, got ${door}`);
}

async function tokenAt(path: string): Promise<Uint8Array> {
  return readToken(Buffer.from(await readPrivateFile(path)).toString('utf8'));
}

async function textAt(path: string): Promise<string | undefined> {
  return existsSync(path) ? (await readFile(path, 'utf8')).trim() : undefined;
}

function missing(what: string): ConsiliumError {
  return new ConsiliumError('BAD_ARGUMENT', `site enroll: expected ${what}, got none`);
}
