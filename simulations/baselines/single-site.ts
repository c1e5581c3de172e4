import type { SiteCohort } from '../../client/data/cohort.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import { aloneStudy } from './alone.ts';
import type { Baseline, BaselineContext, FederationRun, Prediction } from './baseline.ts';
import { constantPrediction, fallbackPrediction, hasTwoLabels } from './constant-prediction.ts';
import { restrictCohorts, restrictStudy, trainableModalities } from './restrict.ts';

/** Each site trains on its own patients and is judged on its own test patients. */
export const localOnly: Baseline = {
  name: 'local-only',
  title: 'Training alone',
  kind: 'baseline',
  note: 'Same model, rounds and local epochs, with the modalities the site has; a site of one class predicts it.',
  prepare: (context) => ({ kind: 'per-site', judge: 'own', ...singleSites(context) }),
};

/** The site whose model does best on everybody's validation patients serves all. */
export const bestSingleSite: Baseline = {
  name: 'best-single-site',
  title: 'Best single site',
  kind: 'baseline',
  note: "Chosen on all sites' validation patients; patients with none of its modalities get the pooled prevalence.",
  prepare(context) {
    const sites = singleSites(context);
    if (sites.runs.length === 0) return { kind: 'impossible', reason: 'no site can train alone' };
    return { kind: 'per-site', judge: 'best', ...sites };
  },
};

interface SingleSites {
  readonly runs: readonly (FederationRun & { readonly site: SiteId })[];
  readonly constants: ReadonlyMap<SiteId, Prediction>;
  readonly evaluateOn: readonly SiteCohort[];
  readonly fallback: Prediction;
}

function singleSites({ study, cohorts }: BaselineContext): SingleSites {
  const fallback = fallbackPrediction(study.task, cohorts);
  const runs: (FederationRun & { readonly site: SiteId })[] = [];
  const constants = new Map<SiteId, Prediction>();
  for (const cohort of cohorts) {
    const run = singleSite(study, cohort);
    if (run !== undefined) runs.push({ site: cohort.site, ...run });
    else constants.set(cohort.site, constantPrediction(study.task, [cohort]) ?? fallback);
  }
  return { runs, constants, evaluateOn: cohorts, fallback };
}

/** Training at one site alone. Undefined where it cannot train: no training patient with a modality, or one label only. */
export function singleSite(study: Study, cohort: SiteCohort): FederationRun | undefined {
  const modalities = trainableModalities(study, [cohort], 1);
  const rows = modalities.flatMap((id) => cohort.modalities.get(id)?.row ?? []);
  if (!hasTwoLabels(cohort, (i) => rows.some((row) => (row[i] as number) >= 0))) return undefined;
  return {
    study: aloneStudy(restrictStudy(study, modalities)),
    cohorts: restrictCohorts([cohort], modalities),
  };
}
