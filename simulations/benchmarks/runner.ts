import { arch, cpus, platform, totalmem } from 'node:os';
import { systemClock } from '../../shared/core/clock.ts';

/** What every benchmark prints: figures in named units, and the machine that they belong to. */
export interface BenchmarkResult {
  readonly benchmark: string;
  readonly at: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly platform: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly figures: Readonly<Record<string, number | string | boolean>>;
}

export function benchmarkResult(
  benchmark: string,
  settings: BenchmarkResult['settings'],
  figures: BenchmarkResult['figures'],
): BenchmarkResult {
  const { node, v8 } = process.versions;
  return {
    benchmark,
    at: new Date(systemClock.now()).toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      platform: `${platform()}-${arch()}`,
    },
    versions: { node, v8 },
    settings,
    figures,
  };
}

/** Seconds that each of `runs` calls took, after one that is not counted. */
export async function timeRuns(runs: number, work: () => void | Promise<void>): Promise<number[]> {
  await work();
  const seconds: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds;
}

/** As {@link timeRuns}, in seconds of processor time: what other programs on the machine take is not in it. */
export async function processorRuns(runs: number, work: () => void | Promise<void>): Promise<number[]> {
  await work();
  const seconds: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = process.cpuUsage();
    await work();
    const used = process.cpuUsage(start);
    seconds.push((used.user + used.system) / 1e6);
  }
  return seconds;
}

/** Milliseconds between two turns of the event loop while `work` ran, at most; other programs' share is in it. */
export async function largestGap(work: () => Promise<unknown>): Promise<number> {
  let largest = 0;
  let last = performance.now();
  let isOver = false;
  const turn = () => {
    const now = performance.now();
    largest = Math.max(largest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  turn();
  return largest;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
