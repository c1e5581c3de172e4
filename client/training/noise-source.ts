import type { SiteId } from '../../shared/core/ids.ts';
import type { Draws } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { freshDraws, keyedDraws } from '../../shared/crypto/keyed-draws.ts';
import { secureRandom } from '../../shared/crypto/random.ts';

/** Where the sampling and the noise of record mode come from. */
export interface NoiseSource {
  /** `simulated`: whoever knows the study can take the noise away again, so that nothing of it protects anybody. */
  readonly kind: NoiseKind;
  /** The draws of one attempt at a round. */
  open(round: number): Draws;
}

export type NoiseKind = 'secure' | 'simulated';

/** A key of its own for each attempt, which nobody can repeat: what every hospital uses. */
export const secureNoise: NoiseSource = { kind: 'secure', open: () => freshDraws(secureRandom) };

/** The same draws for the same seed, site and round: for simulations alone, which have to repeat themselves. */
export function simulatedNoise(seed: number, site: SiteId): NoiseSource {
  return {
    kind: 'simulated',
    open: (round) => keyedDraws(Buffer.from(sha256(`simulated noise|${seed}|${site}|${round}`), 'hex')),
  };
}
