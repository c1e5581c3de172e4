import type { BlockId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import type {
  BlockOutcome,
  BlockReport,
  KeptReason,
  RoundReport,
} from '../../shared/protocol/round-report.ts';
import type { Study } from '../../shared/study/study.ts';
import { type BlockSum, meanOfSum, memoryOf, sumFault } from '../aggregation/block-mean.ts';
import { fedNovaMean } from '../aggregation/fednova.ts';
import { type MeanDelta, meanOfValues } from '../aggregation/mean-delta.ts';
import { mergeBlock, stepScale } from '../aggregation/pipeline.ts';
import { robustMean, robustShortfall } from '../aggregation/robust.ts';
import type { OptimizerState, ServerOptimizer } from '../aggregation/server-optimizer.ts';
import type { RoundContributions } from './contributions.ts';
import { clipOf } from './instruction.ts';
import type { AgreedFacts, OpenRound } from './round-state.ts';
import type { RoundSums } from './round-sums.ts';

export interface MergeTools {
  readonly study: Study;
  readonly sums: RoundSums;
  readonly optimizer: ServerOptimizer;
  /** The current weights of a block. Borrowed. */
  weights(block: BlockId): Promise<Float32Array>;
  /** undefined: the block was never merged. Borrowed. */
  state(block: BlockId): Promise<OptimizerState | undefined>;
  /** Called once for each merged block, before the next one is touched. Both are Given. */
  store(
    block: BlockId,
    merged: { readonly weights: Float32Array; readonly state: OptimizerState },
  ): Promise<void>;
}

/**
 * Merges block after block. A block's next weights take the memory of its sum; only moments, and a robust mean, need
 * more as large as the block.
 */
export async function mergeRound(
  facts: AgreedFacts,
  open: OpenRound,
  contributions: RoundContributions,
  tools: MergeTools,
): Promise<Pick<RoundReport, 'blocks' | 'outcome' | 'missing' | 'loss'>> {
  const blocks: BlockReport[] = [];
  for (const block of [...facts.model.blocks.keys()].sort()) {
    const outcome = await mergeOne(
      facts,
      open,
      { block, notRevealed: contributions.notRevealed(block) },
      tools,
    );
    blocks.push({ block, outcome, ...contributions.of(block) });
  }
  const outcome = blocks.some((report) => report.outcome.kind === 'merged') ? 'committed' : 'failed';
  return { blocks, outcome, missing: contributions.missing, loss: contributions.loss };
}

async function mergeOne(
  facts: AgreedFacts,
  open: OpenRound,
  { block, notRevealed }: { readonly block: BlockId; readonly notRevealed: string | undefined },
  tools: MergeTools,
): Promise<BlockOutcome> {
  const { study, sums, optimizer } = tools;
  const { merge, training } = study;
  const { round, notAsked } = open.plan;
  const sum = sums.sum(block);
  const reason = notAsked.get(block);
  if (reason !== undefined) return kept(reason);
  if (notRevealed !== undefined) return kept('not-revealed', notRevealed);
  if (sum === undefined || sum.holders < merge.minHolders) {
    return kept('below-quorum', `${sum?.holders ?? 0} of ${plural(merge.minHolders, 'holder')}`);
  }
  const shortfall = robustShortfall(merge.robust, sum.holders);
  if (shortfall !== undefined) return kept('robust-precondition', shortfall);
  const fault = sums.isSpent(block) ? undefined : await sumFault(sum);
  if (fault !== undefined) return kept('out-of-range', fault);
  const scale = stepScale(merge, facts.census.rarity.get(block) ?? 1, { round, rounds: training.rounds });
  const [weights, state] = [await tools.weights(block), await tools.state(block)];
  const merged = await sums.spend(block, async () => {
    const mean = await meanDelta(study, block, sum, sums);
    return mergeBlock({ weights, state, mean, optimizer, scale, into: memoryOf(sum) });
  });
  if (merged.kind === 'not-finite') return kept('out-of-range', 'the next weights are not finite');
  await tools.store(block, merged);
  return { kind: 'merged', deltaNorm: merged.deltaNorm, stepNorm: merged.stepNorm, scale };
}

async function meanDelta(study: Study, block: BlockId, sum: BlockSum, sums: RoundSums): Promise<MeanDelta> {
  const { robust, fedNova } = study.merge;
  const clip = clipOf(study, block);
  const mean =
    robust.kind === 'mean'
      ? meanOfSum(sum, clip)
      : meanOfValues(await robustMean(robust, sums.contributions(block), clip));
  return fedNova ? fedNovaMean(mean, sum) : mean;
}

function kept(reason: KeptReason, detail?: string): BlockOutcome {
  return detail === undefined ? { kind: 'kept', reason } : { kind: 'kept', reason, detail };
}
