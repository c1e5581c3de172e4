import type { ModalityId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import { MAX_SHAPLEY_MODALITIES, nonEmptySubsets, subsetKey } from '../statistics/shapley.ts';

/** The subsets that the report shows, then those that Shapley values need besides; the full set first. */
export function judgedSubsets(
  study: Study,
  shown: readonly (readonly ModalityId[])[],
): readonly (readonly ModalityId[])[] {
  const modalities = study.modalities.map(({ id }) => id);
  if (modalities.length > MAX_SHAPLEY_MODALITIES) return shown;
  const known = new Set(shown.map(subsetKey));
  return [...shown, ...nonEmptySubsets(modalities).filter((subset) => !known.has(subsetKey(subset)))];
}
