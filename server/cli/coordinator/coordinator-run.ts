import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { openAuditLog } from '../../../shared/audit/audit-log.ts';
import { readText } from '../../../shared/config/read-text.ts';
import type { Clock } from '../../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { Log } from '../../../shared/core/log.ts';
import { certificatesPem, type Issuer, readCertificatesPem } from '../../../shared/crypto/certificates.ts';
import { type PassphraseSource, readSigningKey, readTlsKey } from '../../../shared/crypto/key-file.ts';
import { writePrivateFile } from '../../../shared/crypto/private-files.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';
import { renewalTime } from '../../../shared/crypto/renewal.ts';
import { isTrial } from '../../../shared/identity/roster.ts';
import { rosterFolder } from '../../../shared/identity/roster-folder.ts';
import { folderAssets, noAssets } from '../../../shared/study/assets.ts';
import { type RunningCoordinator, startCoordinator } from '../../app.ts';
import { takeInRosters } from '../../enrollment/take-in-rosters.ts';
import { COORDINATOR, readCoordinatorFile } from '../../node/coordinator-file.ts';
import { type CoordinatorFolder, coordinatorFolder } from '../../node/coordinator-folder.ts';
import { issueServerChain } from '../../node/server-certificate.ts';
import { fileEnrollments } from '../../storage/enrollment-file.ts';
import { takeLock } from '../../storage/sqlite.ts';
import { openCoordinatorMembership } from './coordinator-membership.ts';

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
 * @throws ConsiliumError `COORDINATOR_FILE_INVALID`, `ROSTER_INVALID`, `FILE_UNREADABLE` without certificates,
 * `STATE_MISMATCH` where it runs already, and as `startCoordinator`.
 */
export async function runCoordinator(options: CoordinatorRunOptions, io: CommandIo): Promise<CommandResult> {
  const { clock, log } = options;
  const folder = coordinatorFolder(options.folder);
  const file = readCoordinatorFile(readText(folder.file, COORDINATOR), folder.file);
  const membership = await openCoordinatorMembership(folder);
  const { key } = await readSigningKey(folder.identityKey, options.passphrase);
  const tls = await readTlsKey(folder.tlsKey, options.passphrase);
  const issuer: Issuer = {
    key: (await readTlsKey(folder.issuingKey, options.passphrase)).key,
    certificate: (await certificatesAt(folder.issuingCertificate))[0] as Uint8Array,
  };
  const lock = takeLock(folder.lock);
  const store = fileEnrollments(folder.enrollments);
  const audit = await openAuditLog({ folder: folder.audit, key, clock });
  let running: RunningCoordinator | undefined;
  try {
    running = await startCoordinator({
      folder: folder.folder,
      listen: file.listen,
      signer: { role: 'coordinator', id: file.coordinator, key },
      tls: {
        key: tls.key.privateKeyPem,
        chain: await serverChain(
          folder,
          () =>
            issueServerChain({
              issuer,
              roster: membership.current(),
              coordinator: { id: file.coordinator, key: key.publicKey, spki: tls.key.spki },
              endpoints: file.endpoints,
              nowMs: clock.now(),
            }),
          clock.now(),
        ),
        siteRoot: certificatesPem(membership.current().roots),
      },
      membership,
      enrollment: { store, issuer },
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
      auditHeads: { head: () => audit.head(), folder: folder.witness },
      metrics: file.metrics,
      software: options.software,
      onFault: (error) => log.error('coordinator.fault', faultOf(error)),
    });
    await audit.append({ type: 'daemon.started', data: { software: options.software } });
    const roster = membership.current();
    log.info('coordinator.listens', {
      sites: running.ports.sites,
      people: running.ports.people,
      metrics: running.ports.metrics,
      consortium: roster.consortium,
      roster: roster.version,
      studies: running.studies.all().length,
    });
    if (isTrial(roster)) log.warn('coordinator.trial-consortium', { consortium: roster.consortium });
    const checkpoints = setInterval(() => void audit.tick().catch(() => undefined), CHECKPOINT_MS);
    const rosters = setInterval(() => {
      takeInRosters(membership, rosterFolder(folder.rosters))
        .then(async (taken) => {
          for (const { roster: next } of taken)
            await audit.append({ type: 'roster.accepted', data: { version: next.version } });
        })
        .catch((error: unknown) => log.error('coordinator.roster', faultOf(error)));
    }, ROSTERS_MS);
    await untilAborted(io.signal);
    clearInterval(checkpoints);
    clearInterval(rosters);
    log.info('coordinator.stops');
  } finally {
    await running?.stop();
    await audit.append({ type: 'daemon.stopped', data: {} }).catch(() => undefined);
    await audit.close();
    store.close();
    lock.close();
  }
  throw new ConsiliumError('INTERRUPTED', 'coordinator: stopped on request', {
    hint: 'Start it again to go on where it stopped.',
  });
}

const CHECKPOINT_MS = 10_000;
/** How soon a roster that the operator brings is taken in. */
const ROSTERS_MS = 2_000;

/** The server's chain as PEM, issued anew where two thirds of its life are over. */
async function serverChain(
  { serverChain: path }: CoordinatorFolder,
  renewed: () => Promise<readonly Uint8Array[]>,
  nowMs: number,
): Promise<string> {
  const held = certificatesPem(await certificatesAt(path));
  if (nowMs < renewalTime(held)) return held;
  const pem = certificatesPem(await renewed());
  await writePrivateFile(path, pem);
  return pem;
}

async function certificatesAt(path: string): Promise<readonly Uint8Array[]> {
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected a certificate, got none`, {
      cause,
      hint: 'Take the one that an officer made: consilium coordinator certify FILE.issuing-ca.pem.',
    });
  });
  return readCertificatesPem(pem);
}

function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  const code = error instanceof ConsiliumError ? error.code : 'INTERNAL';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
