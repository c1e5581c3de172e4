import type { Baseline } from './baseline.ts';
import { completeCases, trainingPatients } from './complete-patients.ts';
import { fallbackPrediction, hasTwoLabels } from './constant-prediction.ts';

/** Trains on the patients that have every modality; all test patients are judged. */
export const completeCasesOnly: Baseline = {
  name: 'complete-cases',
  title: 'Complete cases only',
  kind: 'baseline',
  note: 'Training patients lacking a modality are dropped, and so are sites left with none; test patients all stay.',
  prepare({ study, cohorts }) {
    const left = cohorts
      .map((cohort) => completeCases(study, cohort))
      .filter((cohort) => trainingPatients(cohort) > 0);
    if (left.length === 0) return { kind: 'impossible', reason: 'no training patient has all modalities' };
    if (left.length === 1 && left.some((cohort) => !hasTwoLabels(cohort))) {
      return { kind: 'impossible', reason: 'the complete training patients all have the same label' };
    }
    return {
      kind: 'federation',
      study: {
        ...study,
        // Few are left: what would be too few holders or patients for the study must do here.
        merge: { ...study.merge, minHolders: Math.min(study.merge.minHolders, left.length), minPatients: 1 },
      },
      cohorts: left,
      evaluateOn: cohorts,
      fallback: fallbackPrediction(study.task, cohorts),
    };
  },
};
