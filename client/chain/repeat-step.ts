import { bytesOf } from '../../shared/core/bytes.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { chainBroken } from '../../shared/identity/signed-round-record.ts';
import { sumFault } from '../../shared/merge/block-sum.ts';
import { roundingsOf } from '../../shared/merge/geometric-median.ts';
import { mergeBlock } from '../../shared/merge/pipeline.ts';
import { plainMean } from '../../shared/merge/plain-mean.ts';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import type { BlockStep } from '../../shared/protocol/round-record.ts';
import type { MergeSpec } from '../../shared/study/study.ts';

/** What a step is made from. All Borrowed. */
export interface StepSources {
  /** theta before the step, [d]. */
  readonly weights: Float32Array;
  /** Of the optimizer before the step; none where it had no state. */
  readonly moments: readonly Float32Array[];
  /** Q, [d]. */
  readonly sum: Int32Array;
}

/**
 * Repeats the coordinator's step of one block, and compares.
 * @param next what the record says that the block became.
 * @returns weights and moments after the step, by content hash. The caller's.
 * @throws ConsiliumError `MODEL_CHAIN_BROKEN` where the sources are not what the step names, the sum is out of range, or
 * the step comes to something else.
 */
export async function repeatStep(
  merge: MergeSpec,
  { step, next, where }: { readonly step: BlockStep; readonly next: ContentHash; readonly where: string },
  sources: StepSources,
): Promise<ReadonlyMap<ContentHash, Float32Array>> {
  const { weights, moments, sum } = sources;
  const { before, after, holders, weight, steps, scale, powers } = step;
  requireHash(`${where}: weights before it`, step.base, weights);
  requireHash(`${where}: sum`, step.sum, sum);
  for (const [slot, moment] of moments.entries()) {
    requireHash(`${where}: moments before it`, before?.moments[slot], moment);
  }
  for (const { length } of [sum, ...moments]) {
    if (length !== weights.length) throw chainBroken(where, `${weights.length} values`, String(length));
  }
  const blockSum = { vector: sum, holders, weight, steps };
  const fault = await sumFault(blockSum, roundingsOf(merge.robust));
  if (fault !== undefined) throw chainBroken(`${where}: sum`, 'one within its range', fault);
  const merged = await mergeBlock({
    weights,
    state: before && { step: before.step, moments },
    mean: plainMean(merge, step.block, blockSum),
    optimizer: serverOptimizer(merge.server),
    scale,
    powers,
  });
  if (merged.kind === 'not-finite') throw chainBroken(where, 'finite weights', 'others');
  requireHash(`${where}: weights`, next, merged.weights);
  for (const [slot, moment] of merged.state.moments.entries()) {
    requireHash(`${where}: moments`, after.moments[slot], moment);
  }
  return new Map([
    [next, merged.weights],
    ...merged.state.moments.map((moment, slot) => [after.moments[slot] as ContentHash, moment] as const),
  ]);
}

function requireHash(
  what: string,
  expected: ContentHash | undefined,
  values: Float32Array | Int32Array,
): void {
  const found = sha256(bytesOf(values));
  if (found !== expected) throw chainBroken(what, expected ?? 'none', found);
}
