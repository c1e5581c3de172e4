import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openParty } from '../../client/node/party-file.ts';
import { connect } from '../../client/rpc/connection.ts';
import { type SignedCalls, signedCalls } from '../../client/rpc/signed-calls.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import { readSignedStudyText } from '../../shared/identity/signed-study.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { encodeFetchRostersRequest } from '../../shared/wire/enrollment-codec.ts';
import { encodeStartStudyRequest } from '../../shared/wire/operator-codec.ts';
import type { Trial } from '../trial/make-trial.ts';

export const NO_PASSPHRASE = async () => undefined;

/** `consilium coordinator run` in a folder, as a process of its own. */
export function spawnCoordinator(folder: string): ChildProcess {
  const program = join(import.meta.dirname, '..', '..', 'bin', 'consilium.ts');
  return spawn(process.execPath, ['--import', 'tsx', program, 'coordinator', 'run', '--dir', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The coordinator of a trial; resolves once it answers. */
export async function startCoordinator(trial: Trial): Promise<ChildProcess> {
  const coordinator = spawnCoordinator(trial.coordinator);
  const calls = await leadCalls(trial);
  await calls.call(
    '/consilium.v1.EnrollmentService/FetchRosters',
    encodeFetchRostersRequest({ afterVersion: 1 }),
  );
  calls.connection.close();
  return coordinator;
}

/** Has the lead start the trial's study. */
export async function startStudy(trial: Trial): Promise<void> {
  const calls = await leadCalls(trial);
  const study = readSignedStudyText(readFileSync(trial.signedStudy, 'utf8'));
  if (study === undefined) throw new Error('a trial has a signed study');
  const body = encodeStartStudyRequest({ study, sites: [] });
  await calls.call('/consilium.v1.OperatorService/StartStudy', body, { deadlineMs: 120_000 });
  calls.connection.close();
}

async function leadCalls(trial: Trial): Promise<SignedCalls> {
  const { signer, membership, address } = await openParty(trial.lead, NO_PASSPHRASE);
  return partyCalls(signer, { address, membership, own: undefined });
}

/** Calls of a party of a trial, in its name. */
export function partyCalls(
  signer: Signer,
  line: {
    readonly address: string;
    readonly membership: Membership;
    readonly own: { readonly key: string; readonly chain: string } | undefined;
  },
): SignedCalls {
  const { address, membership, own } = line;
  return signedCalls({
    connection: connect({
      address,
      clock: systemClock,
      tls: {
        roots: certificatesPem(membership.current().roots),
        own,
        pinned: () => membership.current().coordinator?.spki ?? [],
      },
    }),
    signer,
    roster: () => membership.current(),
    clock: systemClock,
    uniform: seededRandom('benchmark', signer.id).uniform,
    software: 'benchmark',
    signal: new AbortController().signal,
  });
}

/** From the kernel's account of the process, in bytes: `VmHWM` is the most it ever had. */
export function memoryOf({ pid }: ChildProcess, field: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]);
}
