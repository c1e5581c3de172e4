import type { SiteCohort } from '../../client/data/cohort.ts';
import { siteId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import { enrolled } from '../cohorts/enrolled.ts';
import { pooledCohort } from '../cohorts/partition.ts';
import { aloneStudy } from './alone.ts';
import type { Baseline, BaselineContext, BaselinePlan } from './baseline.ts';
import { completeCases, trainingPatients } from './complete-patients.ts';
import { fallbackPrediction, hasTwoLabels } from './constant-prediction.ts';
import { restrictCohorts, restrictStudy, trainableModalities } from './restrict.ts';

/** All patients in one place, whatever they have: what the federation would be without its walls. */
export const centralizedIncomplete: Baseline = {
  name: 'centralized-incomplete',
  title: 'Centralized, all patients',
  kind: 'baseline',
  note: 'No privacy: pools the data. No site bias, since one model serves all; as many patient visits as the federation.',
  prepare: (context) => pooled(context, context.cohorts),
};

/** Complete patients in one place: the usual retrospective study. */
export const centralizedComplete: Baseline = {
  name: 'centralized-complete',
  title: 'Centralized, complete cases',
  kind: 'baseline',
  note: 'No privacy: pools the training patients that have every modality. No site bias; all test patients are judged.',
  prepare: (context) =>
    pooled(
      context,
      context.cohorts.map((cohort) => completeCases(context.study, cohort)),
    ),
};

function pooled({ study, cohorts }: BaselineContext, training: readonly SiteCohort[]): BaselinePlan {
  const sites = enrolled(training);
  if (sites.length === 0) return { kind: 'impossible', reason: 'no training patient is left' };
  const together = pooledCohort(sites, siteId('pooled'));
  if (trainingPatients(together) === 0) return { kind: 'impossible', reason: 'no training patient is left' };
  if (!hasTwoLabels(together))
    return { kind: 'impossible', reason: 'all training patients have the same label' };
  const modalities = trainableModalities(study, [together], 1);
  const trainers = training.filter((cohort) => trainingPatients(cohort) > 0).length;
  return {
    kind: 'federation',
    study: pooledStudy(restrictStudy(study, modalities), trainers),
    cohorts: restrictCohorts([together], modalities),
    evaluateOn: restrictCohorts(cohorts, modalities),
    fallback: fallbackPrediction(study.task, cohorts),
  };
}

/** A fixed number of steps per site becomes as many in a row: the same number of patient visits in all. */
function pooledStudy(study: Study, sites: number): Study {
  const alone = aloneStudy(study);
  const { duration } = alone.training;
  return {
    ...alone,
    model: { ...alone.model, siteBias: false },
    training: {
      ...alone.training,
      duration: duration.kind === 'steps' ? { kind: 'steps', count: duration.count * sites } : duration,
    },
  };
}
