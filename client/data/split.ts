import { sha256 } from '../../shared/crypto/hash.ts';
import { PART } from './cohort.ts';

/** Shares of patients in [0, 1); what is left is the training part. */
export interface SplitShares {
  readonly test: number;
  readonly validation: number;
}

/**
 * The part of a patient, decided by nothing but the salt and the id: the same at every site, in every run, and whatever
 * other patients there are. The first 52 bits of SHA-256 as a fraction; below `test` the test part, then validation.
 */
export function hashPart(salt: string, patientId: string, shares: SplitShares): 0 | 1 | 2 {
  const fraction = Number.parseInt(sha256(`${salt.length}:${salt}|${patientId}`).slice(0, 13), 16) / 2 ** 52;
  if (fraction < shares.test) return PART.test;
  return fraction < shares.test + shares.validation ? PART.validation : PART.train;
}
