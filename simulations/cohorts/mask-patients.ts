import type { SiteCohort } from '../../client/data/cohort.ts';
import type { ModalityId } from '../../shared/core/ids.ts';

/** `modality` becomes absent (row -1) for the patients that satisfy `isMasked`; everything else is shared. */
export function maskPatients(
  cohort: SiteCohort,
  modality: ModalityId,
  isMasked: (index: number) => boolean,
): SiteCohort {
  const held = cohort.modalities.get(modality);
  if (held === undefined) return cohort;
  const row = held.row.map((at, i) => (isMasked(i) ? -1 : at));
  return { ...cohort, modalities: new Map([...cohort.modalities, [modality, { ...held, row }]]) };
}

/** S_i: the modalities that the patient has, sorted. */
export function patternOf(cohort: SiteCohort, index: number): ModalityId[] {
  return [...cohort.modalities]
    .filter(([, held]) => (held.row[index] as number) >= 0)
    .map(([modality]) => modality)
    .sort();
}
