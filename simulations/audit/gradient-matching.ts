import type { BlockValues } from '../../client/training/site-trainer.ts';
import type { BlockId } from '../../shared/core/ids.ts';
import type { SeededRandom } from '../../shared/core/random.ts';
import { l2Norm } from '../../shared/tensor/ring.ts';
import type { ImageGradients } from './image-gradients.ts';

export interface MatchingOptions {
  /** Length of a row of the picture. */
  readonly width: number;
  readonly steps: number;
  /** Weight of the total variation, mean over the pixels. */
  readonly variation: number;
  readonly random: SeededRandom;
}

/** By how much the weights are moved for a difference, as a share of their norm: far above float32, far below a kink. */
const REACH = 1e-3;
const RATE = 0.1;

/**
 * Searches the picture whose gradient points as the one that was seen (Geiping et al. 2020, arXiv:2003.14053: cosine
 * distance and total variation, by Adam, whose rate falls at 3/8, 5/8 and 7/8 of the steps), from grey with a little
 * noise. Their second derivatives are taken as a difference of first ones: with v the slope of the distance D by the gradient g,
 * ∂D/∂x = ∂(v · ∂L/∂w)/∂x is the change of ∂L/∂x as the weights move along v. No operation needs a second derivative.
 * @param blocks the weights, in the order of the layouts. @param seen of them all, one block behind the other. Borrowed.
 * @returns pixels from −1 to 1.
 */
export function matchGradient(
  gradients: ImageGradients,
  blocks: BlockValues,
  seen: Float64Array,
  label: number,
  options: MatchingOptions,
): Float32Array {
  const { steps, random } = options;
  let x = Float32Array.from({ length: gradients.pixels }, () => 0.1 * random.normal());
  const first = new Float64Array(x.length);
  const second = new Float64Array(x.length);
  for (let step = 1; step <= steps; step++) {
    const slope = distanceSlope(gradients, { blocks, seen, label }, x);
    addVariationSlope(slope, x, options);
    const rate =
      RATE *
      (step > (7 / 8) * steps ? 0.01 : step > (5 / 8) * steps ? 0.1 : step > (3 / 8) * steps ? 0.3 : 1);
    x = x.map((value, i) => {
      first[i] = 0.9 * (first[i] as number) + 0.1 * (slope[i] as number);
      second[i] = 0.999 * (second[i] as number) + 0.001 * (slope[i] as number) ** 2;
      const mean = (first[i] as number) / (1 - 0.9 ** step);
      const deviation = Math.sqrt((second[i] as number) / (1 - 0.999 ** step));
      return Math.min(1, Math.max(-1, value - (rate * mean) / (deviation + 1e-12)));
    });
  }
  return x;
}

/** ∂D/∂x of D = 1 − cos(g(x), seen). Given. */
export function distanceSlope(
  gradients: ImageGradients,
  target: { readonly blocks: BlockValues; readonly seen: Float64Array; readonly label: number },
  x: Float32Array,
): Float64Array {
  const { blocks, seen, label } = target;
  const own = gradients.byWeights(blocks, x, label);
  const [ownNorm, seenNorm] = [l2Norm(own), l2Norm(seen)];
  const slope = new Float64Array(gradients.pixels);
  if (!(ownNorm > 0 && seenNorm > 0)) return slope;
  const cosine = dot(own, seen) / (ownNorm * seenNorm);
  const along = Float64Array.from(
    own,
    (g, i) => (cosine * g) / (ownNorm * ownNorm) - (seen[i] as number) / (ownNorm * seenNorm),
  );
  const alongNorm = l2Norm(along);
  if (!(alongNorm > 0)) return slope;
  const weightNorm = Math.sqrt([...blocks.values()].reduce((sum, values) => sum + l2Norm(values) ** 2, 0));
  const reach = (REACH * weightNorm) / alongNorm;
  const ahead = gradients.byPixels(moved(blocks, along, reach), x, label);
  const behind = gradients.byPixels(moved(blocks, along, -reach), x, label);
  return slope.map((_, i) => ((ahead[i] as number) - (behind[i] as number)) / (2 * reach));
}

/** The slope of the mean absolute difference of neighbors, added to `slope` in place. */
function addVariationSlope(
  slope: Float64Array,
  x: Float32Array,
  { width, variation }: { readonly width: number; readonly variation: number },
): void {
  const each = variation / x.length;
  const pull = (i: number, j: number) => {
    const sign = Math.sign((x[i] as number) - (x[j] as number));
    slope[i] = (slope[i] as number) + each * sign;
    slope[j] = (slope[j] as number) - each * sign;
  };
  for (let i = 0; i < x.length; i++) {
    if ((i + 1) % width !== 0) pull(i, i + 1);
    if (i + width < x.length) pull(i, i + width);
  }
}

function moved(blocks: BlockValues, along: Float64Array, reach: number): BlockValues {
  let at = 0;
  const next = new Map<BlockId, Float32Array>();
  for (const [id, values] of blocks) {
    const from = at;
    next.set(
      id,
      values.map((value, i) => value + reach * (along[from + i] as number)),
    );
    at += values.length;
  }
  return next;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
