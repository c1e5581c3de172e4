import { multiplierFor } from './calibrate.ts';
import { checkedDelta } from './delta.ts';
import { epsilonOf } from './epsilon.ts';
import type { PrivacyEvent } from './events.ts';
import { privacyInvalid, requirePositive, requireWhole } from './privacy-invalid.ts';

/** How much noise: `multiplier` clip norms of deviation in each step, or as much as keeps the whole study within `epsilon`. */
export type Noise =
  | { readonly kind: 'multiplier'; readonly multiplier: number }
  | { readonly kind: 'epsilon'; readonly epsilon: number };

export interface NoiseTerms {
  readonly noise: Noise;
  readonly delta?: number;
  /** N: training patients of the site. */
  readonly patients: number;
  /** B: patients that a step expects. */
  readonly batch: number;
  readonly stepsPerRound: number;
  readonly rounds: number;
}

/** What one site trains with, and what that costs its patients. */
export interface NoisePlan {
  /** z: deviation of the noise / clip norm. */
  readonly multiplier: number;
  /** What the accountant is told: less than `multiplier`, which covers the grid of the noise and float32 sums. */
  readonly chargedMultiplier: number;
  /** q = min(1, B / N): probability that a patient is in a step. */
  readonly sampleRate: number;
  readonly delta: number;
  readonly epsilonPerRound: number;
  /** After all rounds; less than the sum of the rounds. */
  readonly epsilonTotal: number;
}

const CHARGED_SHARE = 1 / 1.001;

/**
 * What the study's noise is at a site of `patients`: the multiplier where epsilon is given, and the other way round.
 * Only the site itself may know it: epsilon tells its patients' number.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function noisePlan(terms: NoiseTerms): NoisePlan {
  const { patients, batch, stepsPerRound, rounds } = terms;
  requireWhole(batch, 'batch', 1);
  requireWhole(stepsPerRound, 'steps per round', 1);
  requireWhole(rounds, 'rounds', 1);
  const delta = checkedDelta(terms.delta, patients);
  const sampleRate = Math.min(1, batch / patients);
  const eventsAt = (multiplier: number, count: number): readonly PrivacyEvent[] => [
    { kind: 'poisson', rate: sampleRate, sigma: multiplier * CHARGED_SHARE, count },
  ];
  const multiplier = multiplierOf(terms.noise, {
    delta,
    eventsAt: (each) => eventsAt(each, stepsPerRound * rounds),
  });
  return Object.freeze({
    multiplier,
    chargedMultiplier: multiplier * CHARGED_SHARE,
    sampleRate,
    delta,
    epsilonPerRound: epsilonOf(eventsAt(multiplier, stepsPerRound), delta),
    epsilonTotal: epsilonOf(eventsAt(multiplier, stepsPerRound * rounds), delta),
  });
}

/**
 * Steps of a local round: with epochs, as many as it takes to draw each patient once an epoch in expectation, rounded
 * up. The trainer takes these and no more.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function stepsPerRound(
  duration: { readonly kind: 'epochs' | 'steps'; readonly count: number },
  { patients, batch }: { readonly patients: number; readonly batch: number },
): number {
  requireWhole(duration.count, duration.kind, 1);
  if (duration.kind === 'steps') return duration.count;
  requireWhole(patients, 'patients', 1);
  requireWhole(batch, 'batch', 1);
  return duration.count * Math.ceil(patients / batch);
}

function multiplierOf(
  noise: Noise,
  whole: { readonly delta: number; readonly eventsAt: (multiplier: number) => readonly PrivacyEvent[] },
): number {
  switch (noise.kind) {
    case 'multiplier':
      requirePositive(noise.multiplier, 'the noise multiplier');
      return noise.multiplier;
    case 'epsilon':
      return multiplierFor({ epsilon: noise.epsilon, ...whole });
    default:
      throw privacyInvalid(`expected noise as a multiplier or an epsilon, got ${JSON.stringify(noise)}`);
  }
}
