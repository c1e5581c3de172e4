import {
  addContribution,
  type BlockSum,
  blockSum,
  meanOfSum,
  resetSum,
  sumFault,
} from '../../server/aggregation/block-mean.ts';
import { mergeBlock } from '../../server/aggregation/pipeline.ts';
import { serverOptimizer } from '../../server/aggregation/server-optimizer.ts';
import { validateUpdate } from '../../server/aggregation/validate.ts';
import { JOINT_BLOCK, siteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Update } from '../../shared/protocol/messages.ts';
import { RING_MAX } from '../../shared/tensor/ring.ts';
import { type BenchmarkResult, benchmarkResult, median, processorRuns, timeRuns } from './runner.ts';

export interface MergeBenchmarkOptions {
  readonly sites: number;
  readonly parameters: number;
  readonly runs: number;
}

/**
 * One block of `parameters` values from `sites` sites through everything that the coordinator does to it: checks of
 * each contribution, ring sum, checks of the sum, FedAvg step. Contributions come one at a time, as over a network:
 * they share one receive buffer, which counts as the one contribution in flight.
 * @returns seconds, bytes of contributions per second, the same for a memory copy in this run, and peak memory above
 * the start weights, in models (4 bytes per parameter).
 */
export async function mergeBenchmark(options: MergeBenchmarkOptions): Promise<BenchmarkResult> {
  const { sites, parameters, runs } = options;
  const modelBytes = 4 * parameters;
  const weights = new Float32Array(parameters).fill(0.5);
  const baselineBytes = process.memoryUsage.rss();

  const received = new Int32Array(parameters);
  const share = Math.floor(RING_MAX / sites);
  fill(received, share);
  const sum = blockSum(parameters);
  const merge = () => mergeAll(received, weights, sum, { sites, share });
  merge();
  const peakModels = (process.resourceUsage().maxRSS * 1024 - baselineBytes) / modelBytes;

  const parts = { validate: 0, add: 0, finish: 0 };
  const seconds = median(await timeRuns(runs, () => add(parts, merge())));
  const copy = new Int32Array(parameters);
  const copySeconds = median(
    await timeRuns(runs, () => {
      for (let i = 0; i < sites; i++) copy.set(received);
    }),
  );
  const processorSeconds = median(await processorRuns(runs, () => add(parts, merge())));
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
      copySeconds,
      copyBytesPerSecond: bytes / copySeconds,
      ratioToCopy: copySeconds / seconds,
      peakModels,
    },
  );
}

interface Parts {
  validate: number;
  add: number;
  finish: number;
}

/** Milliseconds by part of one merge. */
function mergeAll(
  received: Int32Array,
  weights: Float32Array,
  sum: BlockSum,
  { sites, share }: { readonly sites: number; readonly share: number },
): Parts {
  const parts: Parts = { validate: 0, add: 0, finish: 0 };
  const asked = new Map([[JOINT_BLOCK, { size: weights.length, share }]]);
  const studyHash = sha256('merge benchmark');
  for (let k = 0; k < sites; k++) {
    const part = { block: JOINT_BLOCK, weight: share, steps: 0, vector: received, clipped: false };
    const update: Update = { site: siteId(`site-${k}`), studyHash, round: 1, blocks: [part], loss: 0 };
    const start = performance.now();
    const verdict = validateUpdate(update, asked, { fedNova: false });
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    const checked = performance.now();
    for (const contribution of verdict.contributions) addContribution(sum, contribution);
    parts.validate += checked - start;
    parts.add += performance.now() - checked;
  }
  const start = performance.now();
  const fault = sumFault(sum);
  if (fault !== undefined) throw new Error(fault);
  const optimizer = serverOptimizer({ kind: 'fedavg' });
  const merged = mergeBlock({ weights, state: undefined, mean: meanOfSum(sum, 10), optimizer, scale: 1 });
  if (merged.kind !== 'merged') throw new Error(merged.kind);
  resetSum(sum);
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
