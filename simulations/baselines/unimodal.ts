import type { ModalityId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Baseline, BaselineContext, FederationRun } from './baseline.ts';
import { fallbackPrediction } from './constant-prediction.ts';
import { restrictCohorts, restrictStudy, trainingHolders } from './restrict.ts';

/** A federation of the holders of one modality. */
export function unimodal(modality: ModalityId): Baseline {
  return {
    name: `unimodal:${modality}`,
    title: `${modality} alone`,
    kind: 'baseline',
    note: 'Test patients without it get the pooled training prevalence, so all rows judge the same patients.',
    prepare(context) {
      const run = unimodalRun(context, modality);
      if (run === undefined) return { kind: 'impossible', reason: `no training patient has ${modality}` };
      return {
        kind: 'federation',
        ...run,
        evaluateOn: restrictCohorts(context.cohorts, [modality]),
        fallback: fallbackPrediction(context.study.task, context.cohorts),
      };
    },
  };
}

/** One model per modality, trained apart; a patient gets the mean of what its modalities say. */
export const lateAverage: Baseline = {
  name: 'late-average',
  title: 'Late average of single modalities',
  kind: 'baseline',
  note: 'Plain mean of the probabilities (survival: log-risks, regression: values) of the modalities a patient has.',
  prepare(context) {
    const members = context.study.modalities.flatMap(({ id }) => {
      const run = unimodalRun(context, id);
      return run === undefined ? [] : [{ modality: id, ...run }];
    });
    if (members.length === 0) return { kind: 'impossible', reason: 'no training patient has any modality' };
    return {
      kind: 'average',
      members,
      evaluateOn: context.cohorts,
      fallback: fallbackPrediction(context.study.task, context.cohorts),
    };
  },
};

/** Sites without a training patient that has the modality take no part; undefined where none is left. */
function unimodalRun({ study, cohorts }: BaselineContext, modality: ModalityId): FederationRun | undefined {
  const able = cohorts.filter((cohort) => trainingHolders(cohort, modality) > 0);
  const holders = able.filter((cohort) => trainingHolders(cohort, modality) >= study.merge.minPatients);
  const sites = holders.length > 0 ? holders : able;
  if (sites.length === 0) return undefined;
  const own = restrictStudy(study, [modality]);
  return { study: oneModality(own, sites.length), cohorts: restrictCohorts(sites, [modality]) };
}

/** Nothing to drop and nothing to fuse; the sites that are left must be enough. */
function oneModality(study: Study, sites: number): Study {
  return {
    ...study,
    training: { ...study.training, modalityDropout: 0, unimodalLoss: 0, divergence: 0 },
    merge: { ...study.merge, minHolders: Math.min(study.merge.minHolders, sites), minPatients: 1 },
  };
}
