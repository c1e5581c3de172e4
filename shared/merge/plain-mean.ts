import type { BlockId } from '../core/ids.ts';
import type { MergeSpec } from '../study/study.ts';
import { type BlockSum, meanOfSum } from './block-sum.ts';
import { fedNovaMean } from './fednova.ts';
import type { MeanDelta } from './mean-delta.ts';

/** C_b. */
export function clipOf({ clip }: Pick<MergeSpec, 'clip'>, block: BlockId): number {
  return clip.blocks.get(block) ?? clip.default;
}

/** G_b of a study that merges by the weighted mean. Reads from the sum as long as it is read from. */
export function plainMean(
  merge: Pick<MergeSpec, 'clip' | 'fedNova'>,
  block: BlockId,
  sum: BlockSum,
): MeanDelta {
  const mean = meanOfSum(sum, clipOf(merge, block));
  return merge.fedNova ? fedNovaMean(mean, sum) : mean;
}
