import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { openAuditLog } from '../../../shared/audit/audit-log.ts';
import { readText } from '../../../shared/config/read-text.ts';
import type { Clock } from '../../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { Log } from '../../../shared/core/log.ts';
import { certificatesPem } from '../../../shared/crypto/certificates.ts';
import { type PassphraseSource, readSigningKey, readTlsKey } from '../../../shared/crypto/key-file.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';
import type { SigningKey } from '../../../shared/crypto/sign.ts';
import { type Membership, openMembership } from '../../../shared/identity/membership.ts';
import { isTrial } from '../../../shared/identity/roster.ts';
import { rosterFolder } from '../../../shared/identity/roster-folder.ts';
import { folderAssets, noAssets } from '../../../shared/study/assets.ts';
import { type RunningCoordinator, startCoordinator } from '../../app.ts';
import { readCoordinatorFile } from '../../node/coordinator-file.ts';
import { type CoordinatorFolder, coordinatorFolder } from '../../node/coordinator-folder.ts';
import { takeLock } from '../../storage/sqlite.ts';

export interface CoordinatorRunOptions {
  readonly folder: string;
  readonly passphrase: PassphraseSource;
  readonly clock: Clock;
  readonly monotonic: Clock;
  readonly software: string;
  readonly log: Log;
}

/**
 * Runs the coordinator until it is asked to stop.
 * @throws ConsiliumError `COORDINATOR_FILE_INVALID`, `ROSTER_INVALID`, `STATE_MISMATCH` where it runs already, and as
 * `startCoordinator`.
 */
export async function runCoordinator(options: CoordinatorRunOptions, io: CommandIo): Promise<CommandResult> {
  const { clock, log } = options;
  const folder = coordinatorFolder(options.folder);
  const file = readCoordinatorFile(readText(folder.file, COORDINATOR), folder.file);
  const membership = await openCoordinatorMembership(folder);
  const { key } = await readSigningKey(folder.identityKey, options.passphrase);
  const tls = await readTlsKey(folder.tlsKey, options.passphrase);
  const lock = takeLock(folder.lock);
  const audit = await openAuditLog({ folder: folder.audit, key, clock });
  let running: RunningCoordinator | undefined;
  try {
    running = await startCoordinator({
      folder: folder.folder,
      listen: file.listen,
      signer: { role: 'coordinator', id: file.coordinator, key },
      tls: {
        key: tls.key.privateKeyPem,
        chain: await readFile(folder.serverChain, 'utf8'),
        siteRoot: certificatesPem(membership.current().roots),
      },
      membership,
      assets:
        file.assets === undefined
          ? noAssets
          : folderAssets(isAbsolute(file.assets) ? file.assets : join(folder.folder, file.assets)),
      policy: file.rounds,
      clock,
      monotonic: options.monotonic,
      random: secureRandom,
      audit: async (type, data) => {
        await audit.append({ type, data });
      },
      software: options.software,
      onFault: (error) => log.error('coordinator.fault', faultOf(error)),
    });
    await audit.append({ type: 'daemon.started', data: { software: options.software } });
    const roster = membership.current();
    log.info('coordinator.listens', {
      sites: running.ports.sites,
      people: running.ports.people,
      consortium: roster.consortium,
      roster: roster.version,
      studies: running.studies.all().length,
    });
    if (isTrial(roster)) log.warn('coordinator.trial-consortium', { consortium: roster.consortium });
    const checkpoints = setInterval(() => void audit.tick().catch(() => undefined), CHECKPOINT_MS);
    await untilAborted(io.signal);
    clearInterval(checkpoints);
    log.info('coordinator.stops');
  } finally {
    await running?.stop();
    await audit.append({ type: 'daemon.stopped', data: {} }).catch(() => undefined);
    await audit.close();
    lock.close();
  }
  throw new ConsiliumError('INTERRUPTED', 'coordinator: stopped on request', {
    hint: 'Start it again to go on where it stopped.',
  });
}

const CHECKPOINT_MS = 10_000;

export const COORDINATOR = {
  what: 'a coordinator file',
  tooLong: 'COORDINATOR_FILE_INVALID',
  hint: 'Run in the folder of the coordinator or name it with --dir; consilium coordinator init makes one.',
} as const;

/** The rosters that the coordinator holds, from the first one on, which shows the consortium's words. */
export async function openCoordinatorMembership({ rosters, words }: CoordinatorFolder): Promise<Membership> {
  const pinned = (await readFile(words, 'utf8').catch(() => '')).trim();
  return openMembership({ store: rosterFolder(rosters), pinned: { words: pinned } });
}

/** The identity key for commands that sign as the operator. */
export async function operatorKey(
  { identityKey }: CoordinatorFolder,
  passphrase: PassphraseSource,
): Promise<SigningKey> {
  return (await readSigningKey(identityKey, passphrase)).key;
}

function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  const code = error instanceof ConsiliumError ? error.code : 'INTERNAL';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
