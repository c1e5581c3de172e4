import { privacyInvalid } from './privacy-invalid.ts';

const STEPS = [0.5, 1, 2, 3, 5, 8, 10];

/**
 * Epsilon rounded up to .5, 1, 2, 3, 5, 8, 10, 15, 20, and so on by fives: the exact figure would tell how many patients
 * a site has.
 * @throws ConsiliumError `PRIVACY_INVALID` for NaN and negative numbers.
 */
export function epsilonBand(epsilon: number): number {
  if (!(epsilon >= 0)) throw privacyInvalid(`expected epsilon of at least 0, got ${epsilon}`);
  return STEPS.find((step) => epsilon <= step) ?? 5 * Math.ceil(epsilon / 5);
}
