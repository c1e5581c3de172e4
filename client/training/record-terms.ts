import type { Study } from '../../shared/study/study.ts';
import { studyPlan } from '../privacy/study-plan.ts';

/** What the steps of a round in record mode are made of, at one site. */
export interface RecordTerms {
  /** C: L2 norm over all trained blocks to which a patient's gradient is clipped. */
  readonly clip: number;
  /** z: deviation of the noise / clip. */
  readonly multiplier: number;
  /** q: probability that a patient is in a step. */
  readonly sampleRate: number;
  /** B = q · N, by which sums are divided, however many patients were drawn. */
  readonly expectedBatch: number;
  /** Of a round. */
  readonly steps: number;
}

/**
 * The plan that the ledger is charged by, as the steps see it.
 * @param patients N: all training patients of the site's cohort, also those who cannot be read this round, so that every
 * round is the same event.
 * @returns undefined where the study asks for no noise.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function recordTerms(study: Study, patients: number): RecordTerms | undefined {
  const { record } = study.privacy;
  const plan = patients === 0 ? undefined : studyPlan(study, patients);
  if (record === undefined || plan === undefined) return undefined;
  const { multiplier, sampleRate, stepsPerRound: steps } = plan;
  return { clip: record.clip, multiplier, sampleRate, expectedBatch: sampleRate * patients, steps };
}
