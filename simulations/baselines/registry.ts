import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Study } from '../../shared/study/study.ts';
import { availabilityOnly } from './availability-only.ts';
import type { Baseline } from './baseline.ts';
import { centralizedComplete, centralizedIncomplete } from './centralized.ts';
import { completeCasesOnly } from './complete-cases.ts';
import { meanImputationFedAvg, zeroFillDropout, zeroFillFedAvg } from './imputation.ts';
import { labelPermutation } from './label-permutation.ts';
import { majorityPerSite } from './majority-per-site.ts';
import { blockwise, fedAdagrad, fedAdam, fedAvgM, fedNova, fedProx, fedYogi } from './merging.ts';
import { localCrossFitted, transferInHindsight } from './new-site.ts';
import { noised } from './noise.ts';
import { bestSingleSite, localOnly } from './single-site.ts';
import { lateAverage, unimodal } from './unimodal.ts';

/** Every baseline that applies to the study, in the order of the report. */
export function baselinesFor(study: Study): readonly Baseline[] {
  return [
    majorityPerSite,
    availabilityOnly,
    labelPermutation,
    localOnly,
    bestSingleSite,
    transferInHindsight,
    localCrossFitted,
    completeCasesOnly,
    meanImputationFedAvg,
    zeroFillFedAvg,
    zeroFillDropout,
    ...study.modalities.map(({ id }) => unimodal(id)),
    lateAverage,
    blockwise(0),
    blockwise(0.5),
    blockwise(1),
    fedProx,
    fedNova,
    fedAvgM,
    fedAdagrad,
    fedAdam,
    fedYogi,
    ...[8, 3, 1].map(noised),
    centralizedIncomplete,
    centralizedComplete,
  ];
}

/**
 * The named baselines in the order of the report, each once. `all` names every one, `unimodal` every single modality.
 * @throws ConsiliumError `BAD_ARGUMENT` for a name that does not exist, listing those that do.
 */
export function baselinesByName(study: Study, names: readonly string[]): readonly Baseline[] {
  const all = baselinesFor(study);
  const matches = (name: string) => (baseline: Baseline) =>
    name === 'all' ||
    baseline.name === name ||
    (name === 'unimodal' && baseline.name.startsWith('unimodal:'));
  const unknown = names.filter((name) => !all.some(matches(name)));
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(', ');
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `baselines: expected some of ${known}, got ${unknown.join(', ')}`,
    );
  }
  return all.filter((baseline) => names.some((name) => matches(name)(baseline)));
}
