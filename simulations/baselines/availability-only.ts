import type { SiteCohort } from '../../client/data/cohort.ts';
import { modalityId } from '../../shared/core/ids.ts';
import type { Study, TabularModality } from '../../shared/study/study.ts';
import type { Baseline } from './baseline.ts';
import { fallbackPrediction } from './constant-prediction.ts';

const AVAILABILITY = modalityId('availability');

/** A model that sees which modalities a patient has, and none of their values. */
export const availabilityOnly: Baseline = {
  name: 'availability-only',
  title: 'Availability only',
  kind: 'sanity',
  note: 'Sees only which modalities exist, without a site bias: it measures what missingness itself reveals.',
  prepare({ study, cohorts }) {
    const seen = cohorts.map((cohort) => indicators(study, cohort));
    return {
      kind: 'federation',
      study: availabilityStudy(study),
      cohorts: seen,
      evaluateOn: seen,
      fallback: fallbackPrediction(study.task, cohorts),
      fill: (cohort) => indicators(study, cohort),
    };
  },
};

function availabilityStudy(study: Study): Study {
  const modality: TabularModality = {
    id: AVAILABILITY,
    kind: 'tabular',
    // Categorical, so that a column that is constant needs no scale.
    features: study.modalities.map(({ id }) => ({
      kind: 'categorical',
      name: `has-${id}`,
      levels: ['no', 'yes'],
      missing: [],
    })),
    hidden: [16],
  };
  return {
    ...study,
    modalities: [modality],
    model: { ...study.model, siteBias: false },
    training: { ...study.training, modalityDropout: 0, unimodalLoss: 0, divergence: 0 },
    evaluation: { ...study.evaluation, subsets: [[AVAILABILITY]] },
    merge: { ...study.merge, minPatients: 1 },
  };
}

/** One row per patient: level 1 where the patient has the modality, also for patients who have none. */
function indicators(study: Study, cohort: SiteCohort): SiteCohort {
  const width = study.modalities.length;
  const patients = cohort.patientIds.length;
  const values = new Float32Array(patients * width);
  study.modalities.forEach(({ id }, m) => {
    cohort.modalities.get(id)?.row.forEach((row, i) => {
      if (row >= 0) values[i * width + m] = 1;
    });
  });
  const row = Int32Array.from({ length: patients }, (_, i) => i);
  return { ...cohort, modalities: new Map([[AVAILABILITY, { row, itemShape: [width], values }]]) };
}
