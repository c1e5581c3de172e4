import { privacyInvalid } from './privacy-invalid.ts';

/**
 * The multiplier of the joint release of several blocks that hold the same patient, each with its own noise:
 * 1 / z² = the sum of 1 / z_b². 0 where one block has no noise.
 * @throws ConsiliumError `PRIVACY_INVALID` for none, or one that is negative or not finite.
 */
export function effectiveMultiplier(multipliers: readonly number[]): number {
  const isUsable = multipliers.every((each) => each >= 0 && each < Number.POSITIVE_INFINITY);
  if (multipliers.length === 0 || !isUsable) {
    throw privacyInvalid(
      `expected multipliers that are finite and at least 0, got ${multipliers.join(', ') || 'none'}`,
    );
  }
  return 1 / Math.sqrt(multipliers.reduce((sum, each) => sum + 1 / (each * each), 0));
}
