import type { BlockValues } from '../../client/training/site-trainer.ts';
import type { BlockId } from '../../shared/core/ids.ts';
import type { SeededRandom } from '../../shared/core/random.ts';
import { l2Norm } from '../../shared/tensor/ring.ts';
import type { ImageGradients } from './image-gradients.ts';

export interface MatchingOptions {
  /** Length of a row of the picture. */
  readonly width: number;
  readonly steps: number;
  /** Searches, each from its own noise; the one whose gradient ends nearest is kept. At least 1. */
  readonly restarts: number;
  /** Weight of the total variation, mean over the pixels. */
  readonly variation: number;
  readonly random: SeededRandom;
}

/** By how much the weights are moved for a difference, as a share of their norm: far above float32, far below a kink. */
const REACH = 1e-3;
const RATE = 0.1;

/** What is searched for: a picture of `label` whose gradient is `seen`. */
export interface SeenGradient {
  /** The weights, in the order of the layouts. Borrowed. */
  readonly blocks: BlockValues;
  /** Of them all, one block behind the other. Borrowed. */
  readonly seen: Float64Array;
  readonly label: number;
}

/**
 * Searches the picture whose gradient points as the one that was seen (Geiping et al. 2020, arXiv:2003.14053: cosine
 * distance and total variation, by Adam on the signs of the slope, whose rate falls at 3/8, 5/8 and 7/8 of the steps),
 * from grey with a little noise. The distance is a mean over tensors: of all weights together the head decides, which has
 * the longest gradient and says least of the picture. Second derivatives are taken as a difference of first ones: with v
 * the slope of the distance D by the gradient g, ∂D/∂x = ∂(v · ∂L/∂w)/∂x is the change of ∂L/∂x as the weights move along
 * v. No operation needs a second derivative.
 * @returns pixels from −1 to 1.
 */
export function matchGradient(
  gradients: ImageGradients,
  target: SeenGradient,
  options: MatchingOptions,
): Float32Array {
  const ends = Array.from({ length: options.restarts }, () => {
    const found = searched(gradients, target, options);
    const own = gradients.byWeights(target.blocks, found, target.label);
    return { found, distance: tensorDistance(gradients, own, target.seen).distance };
  });
  return ends.reduce((best, each) => (each.distance < best.distance ? each : best)).found;
}

function searched(gradients: ImageGradients, target: SeenGradient, options: MatchingOptions): Float32Array {
  const { steps, random } = options;
  let x = Float32Array.from({ length: gradients.pixels }, () => 0.1 * random.normal());
  const momentum = new Float64Array(x.length);
  for (let step = 1; step <= steps; step++) {
    const slope = distanceSlope(gradients, target, x);
    addVariationSlope(slope, x, options);
    const rate =
      RATE *
      (step > (7 / 8) * steps ? 0.01 : step > (5 / 8) * steps ? 0.1 : step > (3 / 8) * steps ? 0.3 : 1);
    x = x.map((value, i) => {
      // Of signs the second moment of Adam is 1.
      momentum[i] = 0.9 * (momentum[i] as number) + 0.1 * Math.sign(slope[i] as number);
      const mean = (momentum[i] as number) / (1 - 0.9 ** step);
      return Math.min(1, Math.max(-1, value - rate * mean));
    });
  }
  return x;
}

/** ∂D/∂x of the distance D of g(x) from what was seen. Given. */
export function distanceSlope(
  gradients: ImageGradients,
  { blocks, seen, label }: SeenGradient,
  x: Float32Array,
): Float64Array {
  const { along } = tensorDistance(gradients, gradients.byWeights(blocks, x, label), seen);
  const alongNorm = l2Norm(along);
  if (!(alongNorm > 0)) return new Float64Array(gradients.pixels);
  const weightNorm = Math.sqrt([...blocks.values()].reduce((sum, values) => sum + l2Norm(values) ** 2, 0));
  const reach = (REACH * weightNorm) / alongNorm;
  const ahead = gradients.byPixels(moved(blocks, along, reach), x, label);
  const behind = gradients.byPixels(moved(blocks, along, -reach), x, label);
  return Float64Array.from(ahead, (value, i) => (value - (behind[i] as number)) / (2 * reach));
}

/**
 * D = the mean over tensors of 1 − cos(own, seen), and `along` = ∂D/∂own. A tensor of which either is 0 counts as 1 that
 * does not change.
 * @param own as `seen`: all weights, one block behind the other.
 */
export function tensorDistance(
  { tensors }: ImageGradients,
  own: ArrayLike<number>,
  seen: Float64Array,
): { readonly distance: number; readonly along: Float64Array } {
  const along = new Float64Array(seen.length);
  let distance = 0;
  for (const { from, to } of tensors) {
    let [ownSquares, seenSquares, product] = [0, 0, 0];
    for (let i = from; i < to; i++) {
      ownSquares += (own[i] as number) ** 2;
      seenSquares += (seen[i] as number) ** 2;
      product += (own[i] as number) * (seen[i] as number);
    }
    const norms = Math.sqrt(ownSquares * seenSquares);
    const cosine = norms > 0 ? product / norms : 0;
    distance += (1 - cosine) / tensors.length;
    if (!(norms > 0)) continue;
    for (let i = from; i < to; i++) {
      const slope = (cosine * (own[i] as number)) / ownSquares - (seen[i] as number) / norms;
      along[i] = slope / tensors.length;
    }
  }
  return { distance, along };
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
