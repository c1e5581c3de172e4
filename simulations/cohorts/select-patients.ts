import type { ModalityValues, SiteCohort } from '../../client/data/cohort.ts';
import { packInstances, rowsOf } from '../../client/data/rows.ts';
import { selectLabels } from '../../client/data/select-labels.ts';

/** The patients at `indices`, in that order. Rows of the modalities are shared with `cohort`, not copied. */
export function selectPatients(cohort: SiteCohort, indices: ArrayLike<number>): SiteCohort {
  const chosen = Int32Array.from(indices);
  return {
    site: cohort.site,
    patientIds: Array.from(chosen, (i) => cohort.patientIds[i] as string),
    labels: selectLabels(cohort.labels, chosen),
    part: Uint8Array.from(chosen, (i) => cohort.part[i] as number),
    modalities: new Map([...cohort.modalities].map(([id, held]) => [id, selectRows(held, chosen)])),
    groups: new Map(
      [...cohort.groups].map(([name, group]) => [
        name,
        { levels: group.levels, index: Int16Array.from(chosen, (i) => group.index[i] as number) },
      ]),
    ),
  };
}

function selectRows(held: ModalityValues, chosen: Int32Array): ModalityValues {
  const row = chosen.map((i) => held.row[i] as number);
  if (held.instances === undefined) return { ...held, row };
  return { ...held, row, instances: packInstances(Array.from(chosen, (i) => rowsOf(held, i))) };
}

/** Positions of the patients of `cohort` that satisfy `keep`, ascending. */
export function patientsWhere(cohort: SiteCohort, keep: (index: number) => boolean): number[] {
  return cohort.patientIds.map((_, i) => i).filter(keep);
}
