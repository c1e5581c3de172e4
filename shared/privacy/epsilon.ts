import { gaussianEpsilon } from './analytic-gaussian.ts';
import { type PrivacyEvent, rateOf, tellingEvents } from './events.ts';
import { requireDelta } from './privacy-invalid.ts';
import { composeRdp, epsilonOfRdp } from './rdp-accountant.ts';

/**
 * What the events tell together about one patient, at most: adding or removing that patient makes nothing more than
 * e^epsilon times as likely, but for delta. 0 where they tell nothing, infinite where one of them has no noise.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function epsilonOf(events: readonly PrivacyEvent[], delta: number): number {
  requireDelta(delta);
  const telling = tellingEvents(events);
  if (telling.length === 0) return 0;
  const { epsilon } = epsilonOfRdp(composeRdp(telling), delta);
  if (!telling.every((event) => rateOf(event) === 1)) return epsilon;
  const mu = Math.sqrt(telling.reduce((sum, { sigma, count }) => sum + count / (sigma * sigma), 0));
  return Number.isFinite(mu) ? Math.min(epsilon, gaussianEpsilon(mu, delta)) : epsilon;
}
