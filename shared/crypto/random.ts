import { randomBytes } from 'node:crypto';

/** Randomness that nobody can repeat: for keys, sessions, challenges and tokens. Never for anything that a seed must reproduce. */
export interface SecureRandom {
  readonly kind: 'secure';
  bytes(length: number): Uint8Array;
}

export const secureRandom: SecureRandom = {
  kind: 'secure',
  bytes: (length) => Uint8Array.from(randomBytes(length)),
};
