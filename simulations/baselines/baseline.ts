import type { SiteCohort } from '../../client/data/cohort.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';

/** A strategy to compare the study with: a pure change of study and data, run by the same engine. */
export interface Baseline {
  /** As the command line spells it. */
  readonly name: string;
  readonly title: string;
  /** `sanity`: not a rival but a check of what the data give away for free. */
  readonly kind: 'baseline' | 'sanity';
  /** What the reader must know to judge the row fairly; one line. */
  readonly note: string;
  prepare(context: BaselineContext): BaselinePlan;
}

export interface BaselineContext {
  readonly study: Study;
  /** As the study itself sees them, masks and schedules applied. */
  readonly cohorts: readonly SiteCohort[];
}

/** One score per output: probabilities (binary: of class 1), a value in the target's unit, or a log-risk. */
export type Prediction = readonly number[];

/** One federated run. A site of `evaluateOn` that is not in `cohorts` did not train; its bias starts from its own prevalence. */
export interface FederationRun {
  readonly study: Study;
  /** Train, and choose the round by their validation part. */
  readonly cohorts: readonly SiteCohort[];
}

/**
 * What to run. Test patients are judged in `evaluateOn`, which has the patients of the context's cohorts in the same
 * order, so that pairs of strategies compare the same patients. `fallback` is the prediction for a test patient whom
 * the run's model cannot score because it has none of the model's modalities; the same for all sites.
 */
export type BaselinePlan =
  | (FederationRun & {
      readonly kind: 'federation';
      readonly evaluateOn: readonly SiteCohort[];
      readonly fallback: Prediction;
      /**
       * How `evaluateOn` came from the context's cohorts. To judge a subset S of the context's modalities, mask the
       * context's cohorts down to S, `fill` them, and score with all modalities of `study`. Absent: mask `evaluateOn`.
       */
      readonly fill?: (cohort: SiteCohort) => SiteCohort;
    })
  /**
   * Each run trains one site by itself. `own`: every site's test patients get their own site's model; `constants` has
   * the sites that cannot train. `best`: the run with the best pooled validation metric over all of `evaluateOn` judges
   * everybody's test patients; `hindsight`: the run that is best on these test patients themselves. A model sees only
   * the modalities of its run's study.
   */
  | {
      readonly kind: 'per-site';
      readonly judge: 'own' | 'best' | 'hindsight';
      readonly runs: readonly (FederationRun & { readonly site: SiteId })[];
      readonly constants: ReadonlyMap<SiteId, Prediction>;
      readonly evaluateOn: readonly SiteCohort[];
      readonly fallback: Prediction;
    }
  /**
   * Each run trains one site by itself on all but one fold of its patients; the fold is the run's test part. A test
   * patient of `evaluateOn` gets the score of the run whose fold it is in, or `fallback`.
   */
  | {
      readonly kind: 'cross-fitted';
      readonly runs: readonly (FederationRun & { readonly site: SiteId })[];
      readonly evaluateOn: readonly SiteCohort[];
      readonly fallback: Prediction;
    }
  /** One model per modality; a patient gets the plain mean of the scores of those that it has. */
  | {
      readonly kind: 'average';
      readonly members: readonly (FederationRun & { readonly modality: ModalityId })[];
      readonly evaluateOn: readonly SiteCohort[];
      readonly fallback: Prediction;
    }
  /** No training: every patient of a site gets the same prediction. */
  | {
      readonly kind: 'constant';
      readonly predictions: ReadonlyMap<SiteId, Prediction>;
      readonly evaluateOn: readonly SiteCohort[];
    }
  /** Cannot be run on these data; a finding for the report, not a fault. */
  | { readonly kind: 'impossible'; readonly reason: string };
