import type { PrivacyEvent } from '../../shared/privacy/events.ts';
import { type NoisePlan, noisePlan, stepsPerRound } from '../../shared/privacy/noise-plan.ts';
import type { Study } from '../../shared/study/study.ts';

/** What a study with noise costs the patients of one site. */
export interface StudyPlan extends NoisePlan {
  readonly patients: number;
  readonly rounds: number;
  readonly stepsPerRound: number;
  /** Of one round; what the ledger is charged. */
  readonly round: PrivacyEvent;
  /** Of all rounds. */
  readonly whole: PrivacyEvent;
}

/**
 * @param patients training patients of the site in this study.
 * @returns undefined where the study asks for no noise.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function studyPlan({ privacy, training }: Study, patients: number): StudyPlan | undefined {
  const { record } = privacy;
  if (record === undefined) return undefined;
  const { batch, rounds, duration } = training;
  const steps = stepsPerRound(duration, { patients, batch });
  const plan = noisePlan({ ...record, patients, batch, stepsPerRound: steps, rounds });
  const step = { kind: 'poisson', rate: plan.sampleRate, sigma: plan.chargedMultiplier } as const;
  return {
    ...plan,
    patients,
    rounds,
    stepsPerRound: steps,
    round: { ...step, count: steps },
    whole: { ...step, count: steps * rounds },
  };
}
