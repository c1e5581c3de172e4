import { epsilonOf } from './epsilon.ts';
import type { PrivacyEvent } from './events.ts';
import { privacyInvalid, requirePositive } from './privacy-invalid.ts';

/** Noise below it protects nobody; noise above it leaves nothing to learn. */
const [LEAST, MOST] = [2 ** -10, 2 ** 20];
const PRECISION = 1e-4;

/**
 * The least multiplier, from above, at which the events stay within `epsilon`: never over it, and less than one in a
 * thousand too large.
 * @param options.eventsAt what happens at a multiplier; more of it MUST NOT tell more.
 * @throws ConsiliumError `PRIVACY_INVALID` for a target that no noise reaches.
 */
export function multiplierFor(options: {
  readonly epsilon: number;
  readonly delta: number;
  readonly eventsAt: (multiplier: number) => readonly PrivacyEvent[];
}): number {
  const { epsilon, delta, eventsAt } = options;
  requirePositive(epsilon, 'epsilon');
  const isWithin = (multiplier: number) => epsilonOf(eventsAt(multiplier), delta) <= epsilon;
  if (isWithin(LEAST)) return LEAST;
  let unsafe = LEAST;
  let safe = 1;
  while (!isWithin(safe)) {
    unsafe = safe;
    safe *= 2;
    if (safe > MOST) {
      throw privacyInvalid(
        `expected a target that noise can reach, got epsilon ${epsilon} at delta ${delta}: no multiplier up to ${MOST} does`,
      );
    }
  }
  while (safe - unsafe > PRECISION * safe) {
    const middle = (unsafe + safe) / 2;
    if (isWithin(middle)) safe = middle;
    else unsafe = middle;
  }
  return safe;
}
