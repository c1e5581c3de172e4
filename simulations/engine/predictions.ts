import type { Part, SiteCohort } from '../../client/data/cohort.ts';
import { PART } from '../../client/data/cohort.ts';
import type { SubsetScores } from '../../client/training/site-trainer.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import type { Prediction } from '../baselines/baseline.ts';

/** Per-patient scores of one site's part, one entry per judged subset. Exists in simulations only. */
export interface SitePredictions {
  readonly site: SiteId;
  readonly subsets: readonly SubsetScores[];
}

/** Whose scores a strategy is judged by: the same patients for every strategy. */
export interface JudgedPatients {
  readonly cohorts: readonly SiteCohort[];
  readonly part: Part;
  readonly subsets: readonly (readonly ModalityId[])[];
}

/** The patients of a part that have at least one modality of the subset, ascending. */
export function eligible(cohort: SiteCohort, part: Part, subset: readonly ModalityId[]): Int32Array {
  const rows = subset.flatMap((id) => cohort.modalities.get(id)?.row ?? []);
  return Int32Array.from(cohort.part.keys()).filter(
    (patient) => cohort.part[patient] === PART[part] && rows.some((row) => (row[patient] as number) >= 0),
  );
}

/** Scores for exactly `patients`: the model's where it has one, else `fallback`. */
export function completed(
  scored: SubsetScores | undefined,
  patients: Int32Array,
  fallback: Prediction,
): SubsetScores {
  const width = fallback.length;
  const at = new Map([...(scored?.patients ?? [])].map((patient, i) => [patient, i]));
  const scores = new Float32Array(patients.length * width);
  patients.forEach((patient, i) => {
    const found = at.get(patient);
    for (let k = 0; k < width; k++) {
      scores[i * width + k] = (
        found === undefined ? fallback[k] : scored?.scores[found * width + k]
      ) as number;
    }
  });
  return { patients, scores };
}

/** Every eligible patient gets the site's constant. */
export function constantScores(
  { cohorts, part, subsets }: JudgedPatients,
  predictionOf: (site: SiteId) => Prediction,
): SitePredictions[] {
  return cohorts.map((cohort) => ({
    site: cohort.site,
    subsets: subsets.map((subset) =>
      completed(undefined, eligible(cohort, part, subset), predictionOf(cohort.site)),
    ),
  }));
}

/** A cohort with only some of its modalities: what a patient would be without the others. */
export function maskedTo(cohort: SiteCohort, subset: readonly ModalityId[]): SiteCohort {
  return { ...cohort, modalities: new Map([...cohort.modalities].filter(([id]) => subset.includes(id))) };
}
