import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { type BlockSum, memoryOf, sumFault } from '../../shared/merge/block-sum.ts';
import { fedNovaMean } from '../../shared/merge/fednova.ts';
import { roundingsOf } from '../../shared/merge/geometric-median.ts';
import { type MeanDelta, meanOfValues } from '../../shared/merge/mean-delta.ts';
import { mergeBlock, stepScale } from '../../shared/merge/pipeline.ts';
import { clipOf, plainMean } from '../../shared/merge/plain-mean.ts';
import type { OptimizerState, ServerOptimizer } from '../../shared/merge/server-optimizer.ts';
import type { BlockStep } from '../../shared/protocol/round-record.ts';
import type {
  BlockOutcome,
  BlockReport,
  KeptReason,
  RoundReport,
} from '../../shared/protocol/round-report.ts';
import { churnOf } from '../../shared/secagg/churn.ts';
import type { Study } from '../../shared/study/study.ts';
import { medianSum } from '../aggregation/median-sum.ts';
import { robustMean, robustShortfall } from '../aggregation/robust.ts';
import type { RoundContributions } from './contributions.ts';
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
  /** Whether sums are published, and so outlive their merge. */
  readonly keepsSums: boolean;
  /** Called once for each merged block, before the next one is touched. */
  store(block: BlockId, merged: MergedBlock): Promise<void>;
}

/** How a block was merged. Weights and state are Given, and so is the sum's vector where sums are kept. */
export interface MergedBlock extends Pick<BlockStep, 'rarity' | 'scale' | 'powers'> {
  readonly weights: Float32Array;
  readonly state: OptimizerState;
  readonly sum: BlockSum;
}

/**
 * Merges block after block. A block's next weights take the memory of its sum unless that is kept; only moments, and a
 * robust mean, need more as large as the block.
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
    const part = contributions.of(block);
    const singleton = tools.study.privacy.secureAggregation
      ? singletonOf(block, part.contributors, facts.reports)
      : undefined;
    blocks.push({ block, outcome, ...part, ...(singleton !== undefined && { singleton }) });
  }
  const outcome = blocks.some((report) => report.outcome.kind === 'merged') ? 'committed' : 'failed';
  // A site that adds noise tells no loss: what its update says there is a 0 that stands for none.
  const loss = tools.study.privacy.record === undefined ? contributions.loss : undefined;
  return { blocks, outcome, missing: contributions.missing, loss };
}

/** Among survivors alone: a sum that was not revealed tells nobody apart. */
function singletonOf(
  block: BlockId,
  survivors: readonly SiteId[],
  reports: readonly RoundReport[],
): SiteId | undefined {
  const lists = reports.map(({ blocks }) => blocks.find((each) => each.block === block)?.contributors ?? []);
  const before = lists.findLast((list) => list.length > 0);
  if (before === undefined || survivors.length === 0) return undefined;
  return churnOf(before, survivors).singleton;
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
  const fault = sums.isSpent(block) ? undefined : await sumFault(sum, roundingsOf(merge.robust));
  if (fault !== undefined) return kept('out-of-range', fault);
  const rarity = facts.census.rarity.get(block) ?? 1;
  const scale = stepScale(merge, rarity, { round, rounds: training.rounds });
  const [weights, state] = [await tools.weights(block), await tools.state(block)];
  const powers = optimizer.powers(state?.step ?? 0);
  const merged = await sums.spend(block, async () => {
    const mean = await meanDelta(study, block, sum, sums);
    const into = tools.keepsSums ? undefined : memoryOf(sum);
    return mergeBlock({ weights, state, mean, optimizer, scale, powers, into });
  });
  if (merged.kind === 'not-finite') return kept('out-of-range', 'the next weights are not finite');
  await tools.store(block, { ...merged, sum, rarity, scale, powers });
  return { kind: 'merged', deltaNorm: merged.deltaNorm, stepNorm: merged.stepNorm, scale };
}

async function meanDelta(study: Study, block: BlockId, sum: BlockSum, sums: RoundSums): Promise<MeanDelta> {
  const { merge } = study;
  const { robust } = merge;
  if (robust.kind === 'mean') return plainMean(merge, block, sum);
  if (robust.kind === 'geometric-median') {
    // Under masks the sites themselves weighed again what they brought, and the sum is the last of them.
    const isLast = study.privacy.secureAggregation;
    return plainMean(merge, block, isLast ? sum : await medianSum(sums.contributions(block), robust));
  }
  const mean = meanOfValues(await robustMean(robust, sums.contributions(block), clipOf(merge, block)));
  return merge.fedNova ? fedNovaMean(mean, sum) : mean;
}

function kept(reason: KeptReason, detail?: string): BlockOutcome {
  return detail === undefined ? { kind: 'kept', reason } : { kind: 'kept', reason, detail };
}
