import { addContribution, blockSum } from '../../server/aggregation/block-mean.ts';
import { validateUpdate } from '../../server/aggregation/validate.ts';
import { JOINT_BLOCK, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { meanOfSum, memoryOf, sumFault } from '../../shared/merge/block-sum.ts';
import { mergeBlock } from '../../shared/merge/pipeline.ts';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import type { Update } from '../../shared/protocol/messages.ts';
import { RING_MAX } from '../../shared/tensor/ring.ts';
import {
  type BenchmarkResult,
  benchmarkResult,
  largestGap,
  median,
  processorRuns,
  timeRuns,
} from './runner.ts';

export interface MergeBenchmarkOptions {
  readonly sites: number;
  readonly parameters: number;
  readonly runs: number;
}

/**
 * One block of `parameters` values from `sites` sites through everything that the coordinator does to it: checks of
 * each contribution, ring sum, checks of the sum, FedAvg step into the sum's memory. Contributions come one at a time, as
 * over a network: they share one receive buffer, which counts as the one contribution in flight.
 * @returns seconds, bytes of contributions per second, the same for a memory copy in this run, peak memory of one merge
 * above the start weights, in models (4 bytes per parameter), and the longest that the event loop waited for a turn.
 * `freshSeconds` is the first touch of one model's memory, which every merge has to pay for.
 */
export async function mergeBenchmark(options: MergeBenchmarkOptions): Promise<BenchmarkResult> {
  const { sites, parameters, runs } = options;
  const modelBytes = 4 * parameters;
  const weights = new Float32Array(parameters).fill(0.5);
  const baselineBytes = process.memoryUsage.rss();

  const received = new Int32Array(parameters);
  const share = Math.floor(RING_MAX / sites);
  fill(received, share);
  const merge = () => mergeAll(received, weights, { sites, share });
  await merge();
  const peakModels = (process.resourceUsage().maxRSS * 1024 - baselineBytes) / modelBytes;

  const parts = { validate: 0, add: 0, finish: 0 };
  const seconds = median(await timeRuns(runs, async () => add(parts, await merge())));
  const copy = new Int32Array(parameters);
  const copySeconds = median(
    await timeRuns(runs, () => {
      for (let i = 0; i < sites; i++) copy.set(received);
    }),
  );
  const processorSeconds = median(await processorRuns(runs, async () => add(parts, await merge())));
  const freshSeconds = median(await timeRuns(runs, () => void new Int32Array(parameters).fill(1)));
  const gaps: number[] = [];
  for (let i = 0; i < runs; i++) gaps.push(await largestGap(merge));
  const bytes = sites * modelBytes;
  // Both make one run more than they count.
  const perRun = (milliseconds: number) => milliseconds / (2 * runs + 2) / 1000;
  return benchmarkResult(
    'merge',
    { sites, parameters, runs, optimizer: 'fedavg' },
    {
      seconds,
      bytesPerSecond: bytes / seconds,
      processorSeconds,
      validateSeconds: perRun(parts.validate),
      addSeconds: perRun(parts.add),
      finishSeconds: perRun(parts.finish),
      freshSeconds,
      copySeconds,
      copyBytesPerSecond: bytes / copySeconds,
      ratioToCopy: copySeconds / seconds,
      peakModels,
      largestGapMs: Math.max(...gaps),
      medianGapMs: median(gaps),
    },
  );
}

interface Parts {
  validate: number;
  add: number;
  finish: number;
}

/** Milliseconds by part of one merge. */
async function mergeAll(
  received: Int32Array,
  weights: Float32Array,
  { sites, share }: { readonly sites: number; readonly share: number },
): Promise<Parts> {
  const parts: Parts = { validate: 0, add: 0, finish: 0 };
  const asked = new Map([[JOINT_BLOCK, { size: weights.length, share }]]);
  const studyHash = sha256('merge benchmark');
  const sum = blockSum(weights.length);
  for (let k = 0; k < sites; k++) {
    const part = { block: JOINT_BLOCK, weight: share, steps: 0, vector: received, clipped: false };
    const update: Update = { site: siteId(`site-${k}`), studyHash, round: 1, blocks: [part], loss: 0 };
    const start = performance.now();
    const verdict = await validateUpdate(update, asked, { fedNova: false });
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    const checked = performance.now();
    for (const contribution of verdict.contributions) await addContribution(sum, contribution);
    parts.validate += checked - start;
    parts.add += performance.now() - checked;
  }
  const start = performance.now();
  const fault = await sumFault(sum);
  if (fault !== undefined) throw new Error(fault);
  const optimizer = serverOptimizer({ kind: 'fedavg' });
  const [mean, into] = [meanOfSum(sum, 10), memoryOf(sum)];
  const merged = await mergeBlock({ weights, state: undefined, mean, optimizer, scale: 1, into });
  if (merged.kind !== 'merged') throw new Error(merged.kind);
  parts.finish = performance.now() - start;
  return parts;
}

/** A delta of half the clip's length, spread over all coordinates, with both signs and all low bits in use. */
function fill(vector: Int32Array, share: number): void {
  const typical = share / Math.sqrt(vector.length) / 2;
  let state = 1;
  for (let i = 0; i < vector.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    vector[i] = Math.round((state / 2 ** 31) * typical * Math.sqrt(3));
  }
}

function add(into: Parts, parts: Parts): void {
  into.validate += parts.validate;
  into.add += parts.add;
  into.finish += parts.finish;
}
