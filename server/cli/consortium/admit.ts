import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { fileProblem } from '../../../shared/core/file-problem.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { certificatesPem, makeIssuingCa, readCertificatesPem } from '../../../shared/crypto/certificates.ts';
import { readTlsKey } from '../../../shared/crypto/key-file.ts';
import { writePrivateFile } from '../../../shared/crypto/private-files.ts';
import {
  type AdmissionRequest,
  readAdmissionRequest,
  requestWords,
  withApplicant,
} from '../../../shared/identity/admission-request.ts';
import { inviteSite, tokenText } from '../../../shared/identity/invitation.ts';
import type { RevocationReason } from '../../../shared/identity/roster.ts';
import { withNewestTlsKeys, withoutSite } from '../../../shared/identity/roster-changes.ts';
import type { Signer } from '../../../shared/identity/signer.ts';
import type { Invitation } from '../../../shared/protocol/enrollment.ts';
import { changeResult, runChange } from './change-result.ts';
import { changeRoster, checkOfficer, inForce } from './change-roster.ts';
import { confirmWords } from './confirm-words.ts';
import {
  type OfficerFolder,
  officerFolder,
  openOfficer,
  readHistory,
  writeFileAt,
} from './officer-folder.ts';
import type { OfficerOptions, OfficerTools } from './officer-tools.ts';

const MAX_SMALL_FILE_BYTES = 64 * 2 ** 10;

/**
 * Admits who asks in a request file, once its words were compared: a draft of the next roster, signed by this officer.
 * A coordinator also gets the certificate of its issuing CA, beside the request.
 * @throws ConsiliumError `REQUEST_INVALID`, `WORDS_MISMATCH`, `ROSTER_INVALID`, `PERMISSION_DENIED`; as `readTlsKey`.
 */
export async function runAdmit(
  options: OfficerOptions & {
    readonly file: string;
    readonly words: string | undefined;
    /** Whether it is an officer who asks: a change of who decides is never taken for one of who is a member. */
    readonly isOfficer?: boolean;
  },
  tools: OfficerTools,
  _io: CommandIo,
): Promise<CommandResult> {
  const { file } = options;
  const folder = officerFolder(options.folder);
  const history = await readHistory(folder);
  const request = await readAdmissionRequest(
    await readSmallFile(file, 'To invite a site that has sent no request yet, add --invite.'),
  );
  checkKind(request, options.isOfficer ?? false);
  const words = requestWords(request);
  const whose = `${request.kind} ${request.id}`;
  await confirmWords(words, { given: options.words, whose }, tools);
  const officer = await openOfficer(options, tools.passphrase);
  const nowMs = tools.clock.now();
  const change = changeRoster(history, officer, {
    change: (roster) => withApplicant(roster, request),
    nowMs,
  });
  const current = inForce(history);
  const certificate =
    request.kind === 'coordinator'
      ? await writeIssuingCa(request, { folder, tools, file, consortium: current.roster.consortium })
      : undefined;
  const lines = [
    `  words  ${words}`,
    ...(certificate === undefined ? [] : [`  ${certificate}  for the coordinator: its issuing CA`]),
  ];
  const data = { admitted: request.id, kind: request.kind, words, certificate: certificate ?? null };
  if (change === undefined) {
    return {
      text: [`${whose} is a member with these keys already`, ...lines].join('\n'),
      data: { ...data, inForce: true, version: current.roster.version, difference: [] },
    };
  }
  return changeResult(`admitted ${whose}`, { change, folder, lines, data });
}

/**
 * Makes a one-time token for a site, good for a day: the token for the engineer, the invitation for the coordinator.
 * @param options.deliver brings the invitation to the coordinator; undefined: a file of it is written, for the operator.
 * @throws ConsiliumError `BAD_ID`, `ROSTER_INVALID`, `PERMISSION_DENIED`, `FILE_UNREADABLE`.
 */
export async function runInvite(
  options: OfficerOptions & {
    readonly site: string;
    readonly deliver?: (invitation: Invitation, officer: Signer) => Promise<void>;
  },
  tools: OfficerTools,
  _io: CommandIo,
): Promise<CommandResult> {
  const { deliver } = options;
  const site = siteId(options.site);
  const folder = officerFolder(options.folder);
  const { roster } = inForce(await readHistory(folder));
  const officer = await openOfficer(options, tools.passphrase);
  checkOfficer(roster, officer);
  const { token, invitation, file } = inviteSite({
    site,
    consortium: roster.consortium,
    officer,
    nowMs: tools.clock.now(),
    random: tools.random,
  });
  const tokenFile = join(folder.folder, `${site}.token`);
  const invitationFile = join(folder.folder, `${site}.invitation.json`);
  await deliver?.(invitation, officer);
  await writePrivateFile(tokenFile, `${tokenText(token)}\n`);
  token.fill(0);
  if (deliver === undefined) await writeFileAt(invitationFile, file);
  const expires = new Date(invitation.expiresMs).toISOString();
  return {
    text: [
      `invited ${site} until ${expires}`,
      `  ${tokenFile}  secret, for the engineer of ${site} alone; one use`,
      deliver === undefined ? `  ${invitationFile}  for the coordinator` : 'the coordinator knows of it',
      "give the engineer the consortium's eight words by another channel",
    ].join('\n'),
    data: { site, tokenFile, invitationFile: deliver === undefined ? invitationFile : null, expires },
  };
}

/** @throws ConsiliumError `ROSTER_INVALID` where the site is no active member; `PERMISSION_DENIED`. */
export function runRevoke(
  options: OfficerOptions & { readonly site: string; readonly reason: RevocationReason },
  tools: OfficerTools,
  _io: CommandIo,
): Promise<CommandResult> {
  const { site, reason } = options;
  return runChange(
    {
      ...options,
      done: `revoked ${site}`,
      change: (roster) => withoutSite(roster, site, reason),
      data: { revoked: site, reason },
    },
    tools,
  );
}

/**
 * Takes the old TLS key of a site out of the roster, once its daemon uses the new one.
 * @throws ConsiliumError `ROSTER_INVALID` where the site has no two; `PERMISSION_DENIED`.
 */
export function runDropTlsKey(
  options: OfficerOptions & { readonly site: string },
  tools: OfficerTools,
  _io: CommandIo,
): Promise<CommandResult> {
  const { site } = options;
  return runChange(
    {
      ...options,
      done: `dropped the old TLS key of ${site}`,
      change: (roster) => withNewestTlsKeys(roster, site),
      data: { site },
    },
    tools,
  );
}

function checkKind({ kind, id }: AdmissionRequest, isOfficer: boolean): void {
  if ((kind === 'officer') === isOfficer) return;
  throw new ConsiliumError(
    'REQUEST_INVALID',
    `request of ${id}: expected ${isOfficer ? 'that of an officer' : 'a site, coordinator or lead'}, got ${kind === 'officer' ? "an officer's" : `a ${kind}'s`}`,
    { hint: `Use consilium consortium ${isOfficer ? 'admit' : 'officers add'}.` },
  );
}

/** @returns the path of the PEM file: issuing CA, then root. */
async function writeIssuingCa(
  request: Extract<AdmissionRequest, { kind: 'coordinator' }>,
  options: {
    readonly folder: OfficerFolder;
    readonly tools: OfficerTools;
    readonly file: string;
    readonly consortium: string;
  },
): Promise<string> {
  const { folder, tools, file, consortium } = options;
  const { key } = await readTlsKey(folder.rootKey, tools.passphrase);
  const [root] = readCertificatesPem((await readSmallFile(folder.rootCertificate)).toString('utf8'));
  const certificate = await makeIssuingCa(
    { key, certificate: root as Uint8Array },
    { consortium, spki: request.issuingSpki, nowMs: tools.clock.now() },
  );
  const path = join(dirname(file), `${request.id}.issuing-ca.pem`);
  await writeFileAt(path, certificatesPem([certificate, root as Uint8Array]));
  return path;
}

async function readSmallFile(path: string, hint?: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_SMALL_FILE_BYTES) return await readFile(path);
  } catch (cause) {
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected a file, got ${fileProblem(cause)}`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  throw new ConsiliumError(
    'REQUEST_INVALID',
    `${path}: expected at most ${MAX_SMALL_FILE_BYTES} bytes, got more`,
  );
}
