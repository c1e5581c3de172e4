import type { ModalityId } from '../../shared/core/ids.ts';
import { isScaled } from '../../shared/model/inputs.ts';
import type { FeatureScale } from '../../shared/model/normalization.ts';
import type { Study } from '../../shared/study/study.ts';
import { PART, type SiteCohort } from './cohort.ts';
import { inMemory } from './rows.ts';

/** Pooled deviations between a site's mean and the consortium's from which on it is worth a look. */
const FAR = 1;
/** Values; the mean of fewer tells nothing. */
const FEWEST = 10;

/** A feature whose mean at the site is far from the consortium's. */
export interface Shift {
  /** `labs.crp`. */
  readonly subject: string;
  /** (site − consortium) / pooled deviation. */
  readonly deviations: number;
}

/**
 * Features that the site measures otherwise, or in other patients, than the consortium: a unit, a method, a ward.
 * @param scales of the census.
 */
export function shiftedFeatures(
  study: Study,
  cohort: SiteCohort,
  scales: ReadonlyMap<ModalityId, FeatureScale>,
): Shift[] {
  return study.modalities.flatMap((modality) => {
    const held = cohort.modalities.get(modality.id);
    const scale = scales.get(modality.id);
    if (modality.kind !== 'tabular' || held === undefined || scale === undefined) return [];
    const width = modality.features.length;
    const cells = inMemory(held);
    return modality.features.flatMap(({ name }, j): Shift[] => {
      if (!isScaled(modality, j)) return [];
      let count = 0;
      let sum = 0;
      held.row.forEach((row, i) => {
        const value = row < 0 ? Number.NaN : (cells[row * width + j] as number);
        if (Number.isNaN(value) || cohort.part[i] !== PART.train) return;
        count++;
        sum += value;
      });
      const deviations = (sum / count - (scale.mean[j] as number)) / (scale.deviation[j] as number);
      const isFar = count >= FEWEST && Math.abs(deviations) > FAR;
      return isFar ? [{ subject: `${modality.id}.${name}`, deviations }] : [];
    });
  });
}
