import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { selectLabels } from '../../client/data/select-labels.ts';
import { seededRandom } from '../../shared/core/random.ts';
import type { Baseline } from './baseline.ts';
import { fallbackPrediction } from './constant-prediction.ts';

/** Training and validation labels are shuffled within each site; the test labels stay true. */
export const labelPermutation: Baseline = {
  name: 'label-permutation',
  title: 'Shuffled labels',
  kind: 'sanity',
  note: 'Labels shuffled within site and part: what it scores above chance comes from prevalence or from a leak.',
  prepare({ study, cohorts }) {
    return {
      kind: 'federation',
      study,
      cohorts: cohorts.map((cohort) => shuffled(cohort, study.seed)),
      evaluateOn: cohorts,
      fallback: fallbackPrediction(study.task, cohorts),
    };
  },
};

function shuffled(cohort: SiteCohort, seed: number): SiteCohort {
  const source = Int32Array.from(cohort.part, (_, i) => i);
  for (const part of [PART.train, PART.validation]) {
    const members = [...cohort.part.keys()].filter((i) => cohort.part[i] === part);
    const order = seededRandom(seed, 'label-permutation', cohort.site, part).permutation(members.length);
    members.forEach((patient, k) => {
      source[patient] = members[order[k] as number] as number;
    });
  }
  return { ...cohort, labels: selectLabels(cohort.labels, source) };
}
