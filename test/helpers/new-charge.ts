import type { NewCharge } from '../../client/privacy/charge.ts';
import { JOINT_BLOCK } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';

export const CHARGED_STUDY = sha256('a study with noise');

/** A round of 8 noised steps of 500 patients. */
export function newCharge(round: number, other: Partial<NewCharge> = {}): NewCharge {
  return {
    study: CHARGED_STUDY,
    round,
    attempt: 1,
    purpose: 'update',
    cohort: { source: sha256('a table'), version: sha256('as it stood') },
    blocks: [JOINT_BLOCK],
    event: { kind: 'poisson', rate: 0.128, sigma: 2, count: 8 },
    delta: 1e-4,
    ...other,
  };
}
