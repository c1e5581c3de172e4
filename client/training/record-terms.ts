import { noisePlan, stepsPerRound } from '../../shared/privacy/noise-plan.ts';
import type { Study } from '../../shared/study/study.ts';

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
 * @param patients N: all training patients of the site's cohort, also those who cannot be read this round, so that every
 * round is the same event.
 * @returns undefined where the study asks for no noise.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function recordTerms(study: Study, patients: number): RecordTerms | undefined {
  const { record } = study.privacy;
  if (record === undefined || patients === 0) return undefined;
  const { duration, batch, rounds } = study.training;
  const steps = stepsPerRound(duration, { patients, batch });
  const { multiplier, sampleRate } = noisePlan({ ...record, patients, batch, stepsPerRound: steps, rounds });
  return { clip: record.clip, multiplier, sampleRate, expectedBatch: sampleRate * patients, steps };
}
