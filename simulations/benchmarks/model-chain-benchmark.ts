import { repeatStep } from '../../client/chain/repeat-step.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { JOINT_BLOCK } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { encodeRoundRecord } from '../../shared/identity/signed-round-record.ts';
import { mergeBlock } from '../../shared/merge/pipeline.ts';
import { plainMean } from '../../shared/merge/plain-mean.ts';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import type { BlockStep } from '../../shared/protocol/round-record.ts';
import type { MergeSpec, ServerOptimizerSpec } from '../../shared/study/study.ts';
import { type BenchmarkResult, benchmarkResult, largestGap, median } from './runner.ts';
import { medianSeconds, type Span, spanOf } from './span.ts';

export interface ModelChainOptions {
  /** Values of the model, as one block. */
  readonly parameters: number;
  readonly runs: number;
}

const OPTIMIZERS: readonly ServerOptimizerSpec[] = [
  { kind: 'fedavg' },
  { kind: 'fedadam', learningRate: 0.01, beta1: 0.9, beta2: 0.99, tau: 1e-3 },
];
const HOLDERS = 16;
const WEIGHT = 2 ** 30;

/**
 * What following a model costs a site in a round, by server optimizer: seconds to check and repeat the step, with the
 * longest that the event loop waited for a turn, beside the hash of the block alone, which a site needs of one that it
 * downloads. The sum comes instead of the block, so that only the record is more to download.
 */
export async function modelChainBenchmark({ parameters, runs }: ModelChainOptions): Promise<BenchmarkResult> {
  const figures: Record<string, number> = { blockBytes: 4 * parameters, sumBytes: 4 * parameters };
  for (const server of OPTIMIZERS) {
    const merge = mergeSpec(server);
    const { step, next, sources } = await publishedBlock(merge, parameters);
    const repeat = () => repeatStep(merge, { step, next, where: 'benchmark' }, sources);
    const [hashed, repeated]: [Span[], Span[]] = [[], []];
    // One run more than is counted: the first one compiles.
    for (let run = -1; run < runs; run++) {
      const floor = await spanOf(() => sha256(bytesOf(sources.weights)));
      const span = await spanOf(repeat);
      if (run >= 0) {
        hashed.push(floor);
        repeated.push(span);
      }
    }
    figures[`${server.kind}RepeatSeconds`] = medianSeconds(repeated);
    figures[`${server.kind}RepeatProcessorSeconds`] = processorSeconds(repeated);
    figures[`${server.kind}LargestGapMs`] = await largestGap(async () => {
      await repeat();
    });
    figures['hashBlockSeconds'] = medianSeconds(hashed);
    figures['hashBlockProcessorSeconds'] = processorSeconds(hashed);
    figures[`${server.kind}RecordBytes`] = recordBytes(step, next);
  }
  return benchmarkResult('model-chain', { parameters, runs }, figures);
}

function processorSeconds(spans: readonly Span[]): number {
  return median(spans.map((span) => span.processorSeconds));
}

function mergeSpec(server: ServerOptimizerSpec): MergeSpec {
  return {
    weightExponent: 1,
    weights: 'bucketed',
    rarityExponent: { from: 0.5, to: 0.5 },
    learningRate: 1,
    server,
    fedNova: false,
    robust: { kind: 'mean' },
    clip: { default: 10, blocks: new Map() },
    minHolders: 5,
    minPatients: 1,
  };
}

/** A block's second step, and what it is made from. */
async function publishedBlock(merge: MergeSpec, parameters: number) {
  const random = seededRandom('model-chain', merge.server.kind);
  const values = () => Float32Array.from({ length: parameters }, () => random.uniform() - 0.5);
  const optimizer = serverOptimizer(merge.server);
  const weights = values();
  const moments = Array.from({ length: optimizer.slots }, () => values().map(Math.abs));
  const vector = Int32Array.from(values(), (value) => Math.round(WEIGHT * 1e-4 * value));
  const sum = { vector, holders: HOLDERS, weight: WEIGHT, steps: 0 };
  const [scale, powers] = [1, optimizer.powers(1)];
  const mean = plainMean(merge, JOINT_BLOCK, sum);
  const merged = await mergeBlock({
    weights,
    state: { step: 1, moments },
    mean,
    optimizer,
    scale,
    powers,
  });
  if (merged.kind !== 'merged') throw new Error('model chain: expected finite weights');
  const hashOf = (array: Float32Array | Int32Array) => sha256(bytesOf(array));
  const step: BlockStep = {
    block: JOINT_BLOCK,
    base: hashOf(weights),
    sum: hashOf(vector),
    holders: HOLDERS,
    weight: WEIGHT,
    steps: 0,
    rarity: 1,
    scale,
    powers,
    before: { step: 1, moments: moments.map(hashOf) },
    after: { step: 2, moments: merged.state.moments.map(hashOf) },
  };
  return { step, next: hashOf(merged.weights), sources: { weights, moments, sum: vector } };
}

function recordBytes(step: BlockStep, next: BlockStep['base']): number {
  const blocks = new Map([[step.block, next]]);
  const [model, transcript] = [modelHash(blocks), step.sum];
  const round = { studyHash: step.base, round: 2, previous: step.base, model, blocks, steps: [step] };
  return encodeRoundRecord({ ...round, rosterVersion: 1, transcript }).length;
}
