import { plural } from '../../shared/core/plural.ts';
import { claimData, claimWords, epsilonWords, termWords } from '../../shared/privacy/claim.ts';
import type { Study } from '../../shared/study/study.ts';
import { type StudyPlan, studyPlan } from '../privacy/study-plan.ts';

/** What a study's noise costs this site's patients, or would cost others'. */
export type NoiseFindings =
  /** The study asks for none. */
  | { readonly kind: 'none' }
  | { readonly kind: 'here'; readonly plan: StudyPlan }
  /** Nobody has counted the patients: what it would be at some sizes. */
  | { readonly kind: 'elsewhere'; readonly plans: readonly StudyPlan[] };

/** Sizes of sites for which the cost is shown where the own is not known. */
const SIZES = [200, 500, 2_000, 10_000] as const;

/**
 * @param patients training patients of this site; undefined where nobody has counted them.
 * @throws ConsiliumError `PRIVACY_INVALID` for a study whose delta is too large for so few patients.
 */
export function noiseFindings(study: Study, patients: number | undefined): NoiseFindings {
  const { record } = study.privacy;
  if (record === undefined) return { kind: 'none' };
  if (patients !== undefined) return { kind: 'here', plan: studyPlan(study, patients) as StudyPlan };
  const usable = SIZES.filter((size) => record.delta === undefined || record.delta * size <= 1);
  return { kind: 'elsewhere', plans: usable.map((size) => studyPlan(study, size) as StudyPlan) };
}

export function noiseWords(noise: NoiseFindings, { privacy: { record } }: Study): readonly string[] {
  if (noise.kind === 'none' || record === undefined) {
    return [
      'differential privacy: none, the study asks for no noise. What a patient adds to an update is limited by nothing but the clip.',
    ];
  }
  const head = `differential privacy: each patient's gradient is clipped at norm ${record.clip}, and noise is added here, before anything leaves`;
  if (noise.kind === 'here') return [head, ...claimWords(noise.plan, noise.plan)];
  return [
    head,
    'What it costs depends on the training patients here, which nobody has counted: consilium site review --patients N',
    ...noise.plans.map(
      ({ patients, rounds, delta, epsilonTotal, epsilonPerRound }) =>
        `${plural(patients, 'patient').padEnd(15)}epsilon ${epsilonWords(epsilonTotal)} over ${plural(rounds, 'round')}, ${epsilonWords(epsilonPerRound)} in one, delta ${delta}`,
    ),
    ...termWords(),
  ];
}

/** For programs; null without noise. */
export function noiseData(noise: NoiseFindings): unknown {
  if (noise.kind === 'none') return null;
  return noise.kind === 'here'
    ? claimData(noise.plan, noise.plan)
    : noise.plans.map((plan) => claimData(plan, plan));
}
