import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import type { Study } from '../../shared/study/study.ts';
import { patientsWhere, selectPatients } from '../cohorts/select-patients.ts';

/** Whether the patient has every modality of the study. */
export function isComplete(study: Study, cohort: SiteCohort, index: number): boolean {
  return study.modalities.every(({ id }) => (cohort.modalities.get(id)?.row[index] ?? -1) >= 0);
}

/** Without the training patients that lack a modality; validation and test patients all stay. */
export function completeCases(study: Study, cohort: SiteCohort): SiteCohort {
  return selectPatients(
    cohort,
    patientsWhere(cohort, (i) => cohort.part[i] !== PART.train || isComplete(study, cohort, i)),
  );
}

export function trainingPatients(cohort: SiteCohort): number {
  return cohort.part.filter((part) => part === PART.train).length;
}
