import { isAbsolute, join } from 'node:path';
import { readText } from '../../../shared/config/read-text.ts';
import type { Clock } from '../../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { Log } from '../../../shared/core/log.ts';
import { certificatesPem, type Issuer } from '../../../shared/crypto/certificates.ts';
import { type PassphraseSource, readSigningKey, readTlsKey } from '../../../shared/crypto/key-file.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';
import { isTrial } from '../../../shared/identity/roster.ts';
import { rosterFolder } from '../../../shared/identity/roster-folder.ts';
import { folderAssets, noAssets } from '../../../shared/study/assets.ts';
import { type RunningCoordinator, startCoordinator } from '../../app.ts';
import { takeInRosters } from '../../enrollment/take-in-rosters.ts';
import { openCoordinatorAudit } from '../../node/coordinator-audit.ts';
import { COORDINATOR, readCoordinatorFile } from '../../node/coordinator-file.ts';
import { coordinatorFolder } from '../../node/coordinator-folder.ts';
import { certificatesAt, keptCertificate } from '../../node/kept-certificate.ts';
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
  const certificate = await keptCertificate({
    path: folder.serverChain,
    issue: () =>
      issueServerChain({
        issuer,
        roster: membership.current(),
        coordinator: { id: file.coordinator, key: key.publicKey, spki: tls.key.spki },
        endpoints: file.endpoints,
        nowMs: clock.now(),
      }),
    clock,
  });
  const lock = takeLock(folder.lock);
  const store = fileEnrollments(folder.enrollments);
  const audit = await openCoordinatorAudit(folder, { key, clock });
  let running: RunningCoordinator | undefined;
  try {
    running = await startCoordinator({
      folder: folder.folder,
      listen: file.listen,
      signer: { role: 'coordinator', id: file.coordinator, key },
      tls: {
        key: tls.key.privateKeyPem,
        chain: certificate.chain(),
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
    const certificates = setInterval(() => {
      certificate
        .renewIfDue()
        .then(async (chain) => {
          if (chain === undefined) return;
          running?.showCertificate({ key: tls.key.privateKeyPem, chain });
          await audit.append({ type: 'daemon.certificate-renewed' });
          log.info('coordinator.certificate-renewed');
        })
        .catch((error: unknown) => log.error('coordinator.certificate', faultOf(error)));
    }, CERTIFICATES_MS);
    await untilAborted(io.signal);
    for (const timer of [checkpoints, rosters, certificates]) clearInterval(timer);
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
const CERTIFICATES_MS = 2_000;

function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  const code = error instanceof ConsiliumError ? error.code : 'INTERNAL';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
