import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { fileProblem } from '../../../shared/core/file-problem.ts';
import { fingerprintOf } from '../../../shared/identity/fingerprint.ts';
import { readInvitation } from '../../../shared/identity/invitation.ts';
import { pendingEnrollments } from '../../enrollment/pending.ts';
import { coordinatorFolder } from '../../node/coordinator-folder.ts';
import { fileEnrollments } from '../../storage/enrollment-file.ts';
import { openCoordinatorMembership } from './coordinator-membership.ts';

const MAX_INVITATION_FILE_BYTES = 16 * 2 ** 10;

/**
 * Brings an officer's invitation to the coordinator, running or not: the site may then ask, once.
 * @throws ConsiliumError `INVITATION_REFUSED` unless an officer of the roster in force signed it and it has not expired.
 */
export async function runCoordinatorInvite(
  options: { readonly folder: string; readonly file: string; readonly clock: Clock },
  _io: CommandIo,
): Promise<CommandResult> {
  const folder = coordinatorFolder(options.folder);
  const membership = await openCoordinatorMembership(folder);
  const invitation = readInvitation(await readSmallFile(options.file), membership.current());
  const expires = new Date(invitation.expiresMs).toISOString();
  if (!(invitation.expiresMs > options.clock.now())) {
    throw new ConsiliumError(
      'INVITATION_REFUSED',
      `${options.file}: expected an invitation in force, got one that expired at ${expires}`,
      { hint: 'Ask an officer for a new one: consilium consortium admit SITE --invite.' },
    );
  }
  const store = fileEnrollments(folder.enrollments);
  try {
    const isNew = store.invite(invitation);
    const { site } = invitation;
    return {
      text: isNew
        ? `${site} may ask once until ${expires}`
        : `${site}: this invitation is known already, and is not opened again`,
      data: { site, expires, isNew },
    };
  } finally {
    store.close();
  }
}

/** The sites that have asked and are not in the roster, with the words that their engineers have to read out. */
export async function runCoordinatorEnrollments(
  options: { readonly folder: string; readonly clock: Clock },
  _io: CommandIo,
): Promise<CommandResult> {
  const folder = coordinatorFolder(options.folder);
  const membership = await openCoordinatorMembership(folder);
  const store = fileEnrollments(folder.enrollments);
  try {
    const nowMs = options.clock.now();
    const pending = pendingEnrollments(store, membership.current(), nowMs).map(
      ({ site, identityKey: key, tlsKey: spki, timeMs }) => ({
        site,
        words: fingerprintOf({ role: 'site', id: site, key, spki }),
        asked: new Date(timeMs).toISOString(),
      }),
    );
    const lines = pending.map(({ site, words, asked }) => `${site}  ${words}  asked ${asked}`);
    return { text: lines.length === 0 ? 'no site waits for the officers' : lines.join('\n'), data: pending };
  } finally {
    store.close();
  }
}

async function readSmallFile(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size <= MAX_INVITATION_FILE_BYTES) return await readFile(path);
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${path}: expected an invitation, got ${fileProblem(cause)}`,
      {
        cause,
      },
    );
  }
  throw new ConsiliumError('INVITATION_REFUSED', `${path}: expected an invitation, got a longer file`);
}
