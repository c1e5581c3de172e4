import { privacyInvalid, requirePositive, requireWhole } from './privacy-invalid.ts';

/**
 * The delta that goes with a training cohort: the largest power of ten that is at most 1 / (10 N).
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function deltaFor(patients: number): number {
  requireWhole(patients, 'patients', 1);
  let exponent = 0;
  for (let power = 1; power < 10 * patients; power *= 10) exponent++;
  return Number(`1e-${exponent}`);
}

/**
 * The delta that a study asks for, where it asks; {@link deltaFor} else.
 * @throws ConsiliumError `PRIVACY_INVALID` for one above 1 / N: it would allow to publish a patient.
 */
export function checkedDelta(asked: number | undefined, patients: number): number {
  const usual = deltaFor(patients);
  if (asked === undefined) return usual;
  requirePositive(asked, 'delta');
  if (asked * patients <= 1) return asked;
  throw privacyInvalid(`expected delta of at most 1 in ${patients} patients, got ${asked}`);
}
