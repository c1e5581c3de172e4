import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import type { ModalityId } from '../../shared/core/ids.ts';
import type { EvaluationSpec, Study } from '../../shared/study/study.ts';

/** The study with some of its modalities; clinical subsets keep what is left of them, each once. */
export function restrictStudy(study: Study, modalities: readonly ModalityId[]): Study {
  return {
    ...study,
    modalities: study.modalities.filter(({ id }) => modalities.includes(id)),
    evaluation: { ...study.evaluation, subsets: restrictSubsets(study.evaluation.subsets, modalities) },
  };
}

/** Cohorts in which every other modality is undeclared; patients without any of `modalities` stay in their place. */
export function restrictCohorts(
  cohorts: readonly SiteCohort[],
  modalities: readonly ModalityId[],
): SiteCohort[] {
  return cohorts.map((cohort) => ({
    ...cohort,
    modalities: new Map([...cohort.modalities].filter(([id]) => modalities.includes(id))),
  }));
}

/** Training patients that have `modality`. */
export function trainingHolders(cohort: SiteCohort, modality: ModalityId): number {
  const row = cohort.modalities.get(modality)?.row;
  if (row === undefined) return 0;
  return row.reduce((sum, at, i) => sum + (at >= 0 && cohort.part[i] === PART.train ? 1 : 0), 0);
}

/** Modalities of the study that at least `minPatients` training patients of one of the cohorts have. */
export function trainableModalities(
  study: Study,
  cohorts: readonly SiteCohort[],
  minPatients: number,
): ModalityId[] {
  return study.modalities
    .map(({ id }) => id)
    .filter((id) => cohorts.some((cohort) => trainingHolders(cohort, id) >= Math.max(1, minPatients)));
}

function restrictSubsets(
  subsets: EvaluationSpec['subsets'],
  modalities: readonly ModalityId[],
): EvaluationSpec['subsets'] {
  if (subsets === 'all') return 'all';
  const left = subsets.map((subset) => subset.filter((id) => modalities.includes(id)));
  const distinct = new Map(
    left.filter((subset) => subset.length > 0).map((subset) => [subset.join('+'), subset]),
  );
  return [...distinct.values()];
}
