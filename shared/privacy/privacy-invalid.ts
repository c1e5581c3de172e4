import { ConsiliumError } from '../core/errors.ts';

/** @param what completes "privacy: expected …, got …". */
export function privacyInvalid(what: string): ConsiliumError {
  return new ConsiliumError('PRIVACY_INVALID', `privacy: ${what}`, {
    hint: 'Nothing is corrected here: a claim from a repaired number would be no claim.',
  });
}

/** @throws ConsiliumError `PRIVACY_INVALID` unless a whole number of at least `least`. */
export function requireWhole(value: number, name: string, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw privacyInvalid(`expected ${name} as a whole number of at least ${least}, got ${value}`);
}

/** @throws ConsiliumError `PRIVACY_INVALID` unless 0 <= delta < 1. */
export function requireDelta(delta: number): void {
  if (delta >= 0 && delta < 1) return;
  throw privacyInvalid(`expected delta of at least 0 and below 1, got ${delta}`);
}

/** @throws ConsiliumError `PRIVACY_INVALID` unless finite and above 0. */
export function requirePositive(value: number, name: string): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw privacyInvalid(`expected ${name} as a finite number above 0, got ${value}`);
}
