import type { SiteCohort } from '../../client/data/cohort.ts';
import { selectLabels } from '../../client/data/select-labels.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ScoredTask } from '../../shared/metrics/scored-task.ts';
import { type BootstrapResult, bootstrap, pairedDifference } from '../statistics/bootstrap.ts';
import type { ScoredPatients } from '../statistics/scored-patients.ts';

/** A model beside a score that was there before it, such as APACHE's, both judged on the same patients. */
export interface ReferenceComparison {
  /** Scored patients that have the reference score. */
  readonly patients: number;
  /** Scored patients that lack it, left out. */
  readonly without: number;
  readonly model: BootstrapResult;
  readonly reference: BootstrapResult;
  /** model − reference, by the same draws of patients. */
  readonly difference: BootstrapResult;
}

/**
 * @param scored of a binary task, site by site. @param options.cohorts of the same sites in the same order.
 * @param options.reference probability of class 1 by patient id.
 * @throws ConsiliumError `INTERNAL` when cohorts and scores are not of the same sites; `DATA_INVALID` for a reference
 * that is no probability.
 */
export function compareWithReference(
  task: ScoredTask,
  scored: readonly ScoredPatients[],
  options: {
    readonly cohorts: readonly SiteCohort[];
    readonly reference: ReadonlyMap<string, number>;
    readonly metric: string;
    readonly seed: number;
  },
): ReferenceComparison {
  const { cohorts, reference, metric, seed } = options;
  refuseNoProbabilities(reference);
  const pairs = scored.map((site, s) => restrict(site, cohorts[s], reference));
  const model = pairs.map((pair) => pair.model);
  const against = pairs.map((pair) => pair.reference);
  const patients = model.reduce((sum, { n }) => sum + n, 0);
  return {
    patients,
    without: scored.reduce((sum, { n }) => sum + n, 0) - patients,
    model: bootstrap(task, model, { metric, seed }),
    reference: bootstrap(task, against, { metric, seed }),
    difference: pairedDifference(task, model, { metric, seed, against }),
  };
}

function refuseNoProbabilities(reference: ReadonlyMap<string, number>): void {
  const wrong = [...reference.values()].filter((value) => !(value >= 0 && value <= 1)).length;
  if (wrong === 0) return;
  throw new ConsiliumError(
    'DATA_INVALID',
    `reference score: expected probabilities, got ${wrong} of ${reference.size} outside of [0, 1]; leave missing ones out`,
  );
}

/** The patients of one site that have the reference, once with each score. */
function restrict(
  site: ScoredPatients,
  cohort: SiteCohort | undefined,
  reference: ReadonlyMap<string, number>,
): { readonly model: ScoredPatients; readonly reference: ScoredPatients } {
  if (cohort?.site !== site.site) {
    throw new ConsiliumError('INTERNAL', `reference score: expected the cohort of ${site.site} beside it`);
  }
  const scoreOf = (i: number) => reference.get(cohort.patientIds[site.indices[i] as number] as string);
  const kept = Int32Array.from(site.indices.keys()).filter((i) => scoreOf(i) !== undefined);
  const common = {
    site: site.site,
    n: kept.length,
    labels: selectLabels(site.labels, kept),
    indices: Int32Array.from(kept, (i) => site.indices[i] as number),
  };
  return {
    model: { ...common, scores: Float32Array.from(kept, (i) => site.scores[i] as number) },
    reference: { ...common, scores: Float32Array.from(kept, (i) => scoreOf(i) as number) },
  };
}
