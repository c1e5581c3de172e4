import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { coordinatorFolder } from '../../server/node/coordinator-folder.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { readTlsKey } from '../../shared/crypto/key-file.ts';
import type { Trial } from '../trial/make-trial.ts';
import { memoryOf, NO_PASSPHRASE, startCoordinator, startStudy } from './coordinator-process.ts';
import { rawStreamSeconds } from './raw-stream.ts';
import { type BenchmarkResult, benchmarkResult, median } from './runner.ts';
import { type ScriptedStudyOptions, scriptedStudy, siteTls, takePart } from './scripted-site.ts';

const PORT = 18_930;
const MIB = 2 ** 20;
const MB = 1e6;
const RAW_ROUNDS = 3;

/**
 * Rounds in which nobody trains, through a coordinator that is a process of its own: all sites download the model, upload
 * an update as large, and the rounds are merged, each on disk before the next. Beside it, before and after, the same bytes
 * as bare streams of grpc-js.
 */
export async function echoBenchmark(options: ScriptedStudyOptions): Promise<BenchmarkResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-echo-'));
  const scripted = await scriptedStudy(options, { folder: join(scratch, 'trial'), port: PORT });
  const { trial, sites, parameters } = scripted;
  const raw = { sites: sites.length, bytes: 4 * parameters, rounds: RAW_ROUNDS };
  const tls = await rawTls(trial, sites[0] as SiteId);
  const rawBeforeS = await rawStreamSeconds(raw, tls);
  const coordinator = await startCoordinator(trial);
  try {
    await startStudy(trial);
    const begun: number[] = [];
    const beforeDownload = (round: number) => {
      begun[round - 1] ??= performance.now();
    };
    await Promise.all(sites.map((site) => takePart(site, scripted, { port: PORT, beforeDownload })));
    begun.push(performance.now());
    const rounds = begun.slice(1).map((end, i) => (end - (begun[i] as number)) / 1000);
    const peakBytes = memoryOf(coordinator, 'VmHWM');
    const rawAfterS = await rawStreamSeconds(raw, tls);
    const bytes = 2 * sites.length * raw.bytes;
    const [roundS, rawS] = [median(rounds), (rawBeforeS + rawAfterS) / 2];
    return benchmarkResult(
      'echo',
      {
        ...options,
        hidden: options.hidden.join(' '),
        parameters,
        load: (loadavg()[0] as number).toFixed(1),
      },
      {
        'round: s, median': roundS,
        'round: s, longest': Math.max(...rounds),
        'through the coordinator: MB/s': bytes / MB / roundS,
        'coordinator peak MB': peakBytes / MIB,
        'bare streams: s, before': rawBeforeS,
        'bare streams: s, after': rawAfterS,
        'bare streams: MB/s': bytes / MB / rawS,
        'bare streams ÷ round': rawS / roundS,
      },
    );
  } finally {
    coordinator.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The coordinator's own certificate, and a site's. */
async function rawTls(trial: Trial, site: SiteId): Promise<Parameters<typeof rawStreamSeconds>[1]> {
  const { tlsKey, serverChain } = coordinatorFolder(trial.coordinator);
  const { membership, own } = await siteTls(trial, site);
  return {
    key: (await readTlsKey(tlsKey, NO_PASSPHRASE)).key.privateKeyPem,
    chain: readFileSync(serverChain, 'utf8'),
    root: certificatesPem(membership.current().roots),
    site: own,
  };
}
