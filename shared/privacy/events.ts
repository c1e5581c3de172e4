import { privacyInvalid, requireWhole } from './privacy-invalid.ts';

/** Something noised that was made from patients' data, `count` times. `sigma`: deviation of the noise / clip norm. */
export type PrivacyEvent =
  /** Every patient is in it. */
  | { readonly kind: 'gaussian'; readonly sigma: number; readonly count: number }
  /** Each patient is in it with probability `rate`, independently of all others. */
  | { readonly kind: 'poisson'; readonly rate: number; readonly sigma: number; readonly count: number };

/**
 * The probability that one patient is in the event; 1 where everyone is.
 * @throws ConsiliumError `PRIVACY_INVALID` for a kind that is not known.
 */
export function rateOf(event: PrivacyEvent): number {
  switch (event.kind) {
    case 'gaussian':
      return 1;
    case 'poisson':
      return event.rate;
    default:
      throw privacyInvalid(
        `expected an event of kind gaussian or poisson, got ${JSON.stringify((event as { kind: unknown }).kind)}`,
      );
  }
}

/**
 * The events that say anything about a patient, all of them checked.
 * @throws ConsiliumError `PRIVACY_INVALID` for an unknown kind, a rate outside [0, 1], a sigma that is negative or not
 * finite, a count that is negative or not whole.
 */
export function tellingEvents(events: readonly PrivacyEvent[]): readonly PrivacyEvent[] {
  for (const event of events) {
    const rate = rateOf(event);
    if (!(rate >= 0 && rate <= 1)) throw privacyInvalid(`expected a rate from 0 to 1, got ${rate}`);
    if (!(event.sigma >= 0 && event.sigma < Number.POSITIVE_INFINITY)) {
      throw privacyInvalid(`expected sigma as a finite number of at least 0, got ${event.sigma}`);
    }
    requireWhole(event.count, 'the count of an event', 0);
  }
  return events.filter((event) => rateOf(event) > 0 && event.count > 0);
}
