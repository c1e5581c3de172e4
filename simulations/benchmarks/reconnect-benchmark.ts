import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../client/rpc/connection.ts';
import { type SignedCalls, signedCalls } from '../../client/rpc/signed-calls.ts';
import type { ErrorCode } from '../../shared/core/catalog.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { type SiteId, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { type EquippedParty, type TrialConsortium, trialConsortium } from '../../shared/identity/trial.ts';
import { encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import { writeCoordinator } from '../trial/make-trial.ts';
import { memoryOf, spawnCoordinator } from './coordinator-process.ts';
import { type BenchmarkResult, benchmarkResult, median } from './runner.ts';

const PORT = 18_910;
const LIST = '/consilium.v1.StudyService/ListStudies';
const MIB = 2 ** 20;

/**
 * So many sites, each with its own key, certificate and connection, lose a coordinator that is a process of its own, and
 * all come back at once: TLS, challenge, session, and the list of studies that a daemon begins with. Both processes share
 * this machine's cores. Pauses are those of production, with their jitter.
 */
export async function reconnectBenchmark({ sites }: { readonly sites: number }): Promise<BenchmarkResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-reconnect-'));
  const began = performance.now();
  const consortium = await trialConsortium({
    consortium: 'trial',
    sites: Array.from({ length: sites }, (_, i) => siteId(`site-${i + 1}`)),
    endpoints: [`127.0.0.1:${PORT}`],
    nowMs: systemClock.now(),
  });
  const keysS = secondsSince(began);
  const folder = join(scratch, 'coordinator');
  const people = `127.0.0.1:${PORT + 1}`;
  await writeCoordinator(folder, consortium, { port: PORT, people });
  const failures = { refused: 0, late: 0 };
  const calls = [...consortium.sites].map(([site, own]) =>
    callsOf(consortium, site, own, (code) => {
      failures[code === 'TIMED_OUT' ? 'late' : 'refused'] += 1;
    }),
  );
  let coordinator = spawnCoordinator(folder);
  try {
    const first = await allServed(calls);
    const firstPeakBytes = memoryOf(coordinator, 'VmHWM');
    coordinator.kill('SIGKILL');
    await once(coordinator, 'exit');
    Object.assign(failures, { refused: 0, late: 0 });
    const before = process.cpuUsage();
    coordinator = spawnCoordinator(folder);
    const again = await allServed(calls);
    const { user, system } = process.cpuUsage(before);
    return benchmarkResult(
      'reconnect',
      { sites, load: (loadavg()[0] as number).toFixed(1) },
      {
        'keys and certificates: s': keysS,
        'first time, last site served: s': Math.max(...first),
        'first time, coordinator peak MiB': firstPeakBytes / MIB,
        'again, first site served: s after the kill': Math.min(...again),
        'again, median site served: s': median(again),
        'again, last site served: s': Math.max(...again),
        'tries while nobody listened, per site': failures.refused / sites,
        'tries that ended at their deadline, per site': failures.late / sites,
        // What other programs on the machine take is not in it.
        'again, coordinator processor s': processorSeconds(coordinator),
        'again, all sites processor s': (user + system) / 1e6,
        'again, coordinator peak MiB': memoryOf(coordinator, 'VmHWM') / MIB,
      },
    );
  } finally {
    for (const { connection } of calls) connection.close();
    coordinator.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns seconds until each was served. */
async function allServed(calls: readonly SignedCalls[]): Promise<number[]> {
  const began = performance.now();
  return Promise.all(
    calls.map(async (each) => {
      await each.call(LIST, encodeListStudiesRequest(undefined));
      return secondsSince(began);
    }),
  );
}

function callsOf(
  { root, roster }: TrialConsortium,
  site: SiteId,
  { signer, tls, chain }: EquippedParty,
  onFailure: (code: ErrorCode) => void,
): SignedCalls {
  const connection = connect({
    address: `127.0.0.1:${PORT}`,
    clock: systemClock,
    tls: {
      roots: certificatesPem([root.certificate]),
      own: { key: tls.privateKeyPem, chain: certificatesPem(chain) },
      pinned: () => roster.roster.coordinator?.spki ?? [],
    },
  });
  return signedCalls({
    connection,
    signer,
    roster: () => roster.roster,
    clock: systemClock,
    uniform: seededRandom('reconnect', site).uniform,
    software: 'benchmark',
    signal: new AbortController().signal,
    onFailure: ({ code }) => onFailure(code),
  });
}

const TICKS_PER_SECOND = 100;

/** That the process has used so far, as the kernel says: the fields 14 and 15 of `stat`, behind the name in brackets. */
function processorSeconds({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return ((fields[11] as number) + (fields[12] as number)) / TICKS_PER_SECOND;
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
