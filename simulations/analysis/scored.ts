import type { SiteCohort } from '../../client/data/cohort.ts';
import { selectLabels } from '../../client/data/select-labels.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SitePredictions } from '../engine/predictions.ts';
import type { ScoredPatients } from '../statistics/scored-patients.ts';

/** Predictions of one subset beside the labels, site by site. @param cohorts of the same sites in the same order. */
export function scoredPatients(
  predictions: readonly SitePredictions[],
  cohorts: readonly SiteCohort[],
  subset: number,
): ScoredPatients[] {
  return predictions.map(({ site, subsets }, i) => {
    const cohort = cohorts[i];
    const scored = subsets[subset];
    if (cohort?.site !== site || scored === undefined) {
      throw new ConsiliumError(
        'INTERNAL',
        `predictions of ${site}: expected a cohort and subset ${subset} beside them`,
      );
    }
    return {
      site,
      n: scored.patients.length,
      scores: scored.scores,
      labels: selectLabels(cohort.labels, scored.patients),
      indices: scored.patients,
    };
  });
}
