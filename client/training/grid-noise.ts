import type { Draws } from '../../shared/core/random.ts';
import type { RecordTerms } from './record-terms.ts';

/** Grid points to a deviation of the noise. */
const POINTS = 2 ** 24;

/**
 * (sum + N(0, (zC)²)) / B, sum and noise both rounded to the grid u = zC · 2⁻²⁴ before they meet, as integers in float64:
 * the low-order bits of what comes out carry nothing of the sum (Jin et al., arXiv:2112.05307).
 * @param sum of clipped gradients. Borrowed.
 */
export function withGridNoise(
  sum: Float64Array,
  { clip, multiplier, expectedBatch }: Pick<RecordTerms, 'clip' | 'multiplier' | 'expectedBatch'>,
  draws: Draws,
): Float32Array {
  const unit = (multiplier * clip) / POINTS;
  return Float32Array.from(sum, (value) => {
    const points = Math.round(value / unit) + Math.round(draws.normal() * POINTS);
    return (unit * points) / expectedBatch;
  });
}
