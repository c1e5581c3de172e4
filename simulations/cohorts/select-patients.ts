import type { SiteCohort } from '../../client/data/cohort.ts';
import { selectLabels } from '../../client/data/select-labels.ts';

/** The patients at `indices`, in that order. Rows of the modalities are shared with `cohort`, not copied. */
export function selectPatients(cohort: SiteCohort, indices: ArrayLike<number>): SiteCohort {
  const chosen = Int32Array.from(indices);
  return {
    site: cohort.site,
    patientIds: Array.from(chosen, (i) => cohort.patientIds[i] as string),
    labels: selectLabels(cohort.labels, chosen),
    part: Uint8Array.from(chosen, (i) => cohort.part[i] as number),
    modalities: new Map(
      [...cohort.modalities].map(([id, held]) => [
        id,
        { ...held, row: chosen.map((i) => held.row[i] as number) },
      ]),
    ),
    groups: new Map(
      [...cohort.groups].map(([name, group]) => [
        name,
        { levels: group.levels, index: Int16Array.from(chosen, (i) => group.index[i] as number) },
      ]),
    ),
  };
}

/** Positions of the patients of `cohort` that satisfy `keep`, ascending. */
export function patientsWhere(cohort: SiteCohort, keep: (index: number) => boolean): number[] {
  return cohort.patientIds.map((_, i) => i).filter(keep);
}
