import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { seededRandom } from '../../shared/core/random.ts';
import type { Study } from '../../shared/study/study.ts';
import { isNewSite } from '../cohorts/enrolled.ts';
import type { Baseline, BaselineContext, BaselinePlan } from './baseline.ts';
import { fallbackPrediction } from './constant-prediction.ts';
import { bestSingleSite, singleSite } from './single-site.ts';

const NO_NEW_SITE = 'no site is left out';
const FOLDS = 5;

/** The other site's model that happens to do best at the new site: a bound on what carrying a model over could reach. */
export const transferInHindsight: Baseline = {
  name: 'transfer-in-hindsight',
  title: 'Best other site, in hindsight',
  kind: 'sanity',
  note: 'Of the models that one other site trained alone, the best by the test labels themselves: nobody could have known it.',
  prepare(context) {
    if (!context.cohorts.some(isNewSite)) return { kind: 'impossible', reason: NO_NEW_SITE };
    const plan = bestSingleSite.prepare(context);
    return plan.kind === 'per-site' ? { ...plan, judge: 'hindsight' } : plan;
  },
};

/** What the new site could do for itself if it had the labels of four fifths of its patients. */
export const localCrossFitted: Baseline = {
  name: 'local-cross-fitted',
  title: 'New site, own labels',
  kind: 'sanity',
  note: `Trained alone at the new site in ${FOLDS} folds, each patient judged by the fold that did not see it: it has the labels that a new site lacks.`,
  prepare: crossFitted,
};

function crossFitted({ study, cohorts }: BaselineContext): BaselinePlan {
  const runs = cohorts.filter(isNewSite).flatMap((cohort) =>
    foldsOf(study, cohort).flatMap((fold) => {
      const run = singleSite(study, fold);
      return run === undefined ? [] : [{ site: cohort.site, ...run }];
    }),
  );
  if (!cohorts.some(isNewSite)) return { kind: 'impossible', reason: NO_NEW_SITE };
  if (runs.length === 0) return { kind: 'impossible', reason: 'no fold of a new site has two labels' };
  return {
    kind: 'cross-fitted',
    runs,
    evaluateOn: cohorts,
    fallback: fallbackPrediction(study.task, cohorts),
  };
}

/** The cohort once per fold, the fold its test part; classes are spread evenly, and the study's share of the rest validates. */
function foldsOf(study: Study, cohort: SiteCohort): SiteCohort[] {
  const random = seededRandom(study.seed, 'cross-fitting', cohort.site);
  const order = random.permutation(cohort.part.length);
  const { labels } = cohort;
  const byClass =
    labels.kind === 'class'
      ? [...order].sort((a, b) => (labels.values[a] as number) - (labels.values[b] as number))
      : [...order];
  const fold = new Uint8Array(cohort.part.length);
  byClass.forEach((patient, rank) => {
    fold[patient] = rank % FOLDS;
  });
  const validates = cohort.part.map(() => (random.uniform() < study.evaluation.split.validation ? 1 : 0));
  return Array.from({ length: FOLDS }, (_, f) => ({
    ...cohort,
    part: cohort.part.map((_part, i) => {
      if (fold[i] === f) return PART.test;
      return validates[i] === 1 ? PART.validation : PART.train;
    }),
  }));
}
