import type { Baseline } from './baseline.ts';
import { constantPrediction, fallbackPrediction } from './constant-prediction.ts';

/** Every patient of a site gets the site's training prevalence. */
export const majorityPerSite: Baseline = {
  name: 'majority-per-site',
  title: 'Majority class per site',
  kind: 'sanity',
  note: "Predicts each site's training prevalence; no patient data. Its pooled AUROC shows what the site alone reveals.",
  prepare({ study, cohorts }) {
    const everybody = fallbackPrediction(study.task, cohorts);
    return {
      kind: 'constant',
      predictions: new Map(
        cohorts.map((cohort) => [cohort.site, constantPrediction(study.task, [cohort]) ?? everybody]),
      ),
      evaluateOn: cohorts,
    };
  },
};
