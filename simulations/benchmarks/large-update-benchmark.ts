import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryOf, startCoordinator, startStudy } from './coordinator-process.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import { type BenchmarkResult, benchmarkResult } from './runner.ts';
import { type ScriptedStudyOptions, scriptedStudy, takePart } from './scripted-site.ts';

const PORT = 18_900;
const MIB = 2 ** 20;

/**
 * A large model through a coordinator that is a process of its own: every site downloads it, uploads an update as large,
 * and the rounds are merged; one connection is cut in the middle of an upload and one in the middle of a download. The
 * figures are the coordinator's memory against its largest block, and seconds.
 */
export async function largeUpdateBenchmark(options: ScriptedStudyOptions): Promise<BenchmarkResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-large-update-'));
  const scripted = await scriptedStudy(options, { folder: join(scratch, 'trial'), port: PORT });
  const { trial, sites, largestBytes } = scripted;
  const coordinator = await startCoordinator(trial);
  const proxy = await cuttingProxy(PORT);
  try {
    const startBytes = memoryOf(coordinator, 'VmRSS');
    const began = performance.now();
    await startStudy(trial);
    const startS = seconds(began);
    const first = performance.now();
    const cut = (bytes: number) => (round: number) => {
      if (round === 1) proxy.cutAfter(bytes);
    };
    const isCut = { beforeDownload: cut(largestBytes / 2), beforeUpload: cut(largestBytes / 3) };
    await Promise.all(
      sites.map((site, i) => takePart(site, scripted, { port: proxy.port, ...(i === 0 && isCut) })),
    );
    const roundsS = seconds(first);
    const peakBytes = memoryOf(coordinator, 'VmHWM');
    return benchmarkResult(
      'large-update',
      {
        ...options,
        hidden: options.hidden.join(' '),
        load: (loadavg()[0] as number).toFixed(1),
        cuts: proxy.cuts(),
      },
      {
        parameters: scripted.parameters,
        'largest block MB': largestBytes / MIB,
        'start of the study: s': startS,
        'all rounds: s': roundsS,
        'bytes through: MB/s': (2 * options.sites * options.rounds * largestBytes) / MIB / roundsS,
        'coordinator idle MB': startBytes / MIB,
        'coordinator peak MB': peakBytes / MIB,
        'peak above 3 largest blocks + 256 MB': peakBytes - 3 * largestBytes - 256 * MIB > 0,
        'peak ÷ largest block': peakBytes / largestBytes,
      },
    );
  } finally {
    proxy.close();
    coordinator.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  }
}

function seconds(sinceMs: number): number {
  return (performance.now() - sinceMs) / 1000;
}
