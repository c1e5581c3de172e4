import type { MergeSpec } from '../../shared/study/study.ts';
import type { MeanDelta } from './mean-delta.ts';
import type { OptimizerState, ServerOptimizer } from './server-optimizer.ts';

/** Values per piece: three float64 pieces stay within the first caches. */
const PIECE = 8192;

/**
 * η · ρ_b^β of a round; β runs linearly from `rarityExponent.from` in round 1 to `.to` in the last round.
 * @param rarity ρ_b in (0, 1].
 */
export function stepScale(
  merge: Pick<MergeSpec, 'learningRate' | 'rarityExponent'>,
  rarity: number,
  at: { readonly round: number; readonly rounds: number },
): number {
  const { from, to } = merge.rarityExponent;
  const share = at.rounds > 1 ? (at.round - 1) / (at.rounds - 1) : 0;
  return merge.learningRate * rarity ** (from + (to - from) * share);
}

export interface MergeInput {
  /** θ: the block's weights, [d]. Borrowed. */
  readonly weights: Float32Array;
  /** undefined: the block has not been merged yet. Borrowed. */
  readonly state: OptimizerState | undefined;
  /** G. */
  readonly mean: MeanDelta;
  readonly optimizer: ServerOptimizer;
  /** η · ρ^β. */
  readonly scale: number;
}

export type Merged =
  | {
      readonly kind: 'merged';
      readonly weights: Float32Array;
      readonly state: OptimizerState;
      /** ‖G‖₂, and ‖η · ρ^β · ServerOpt(G)‖₂. */
      readonly deltaNorm: number;
      readonly stepNorm: number;
    }
  /** A weight or moment would not be a finite float32; nothing was changed. */
  | { readonly kind: 'not-finite' };

/**
 * θ ← θ + η · ρ^β · ServerOpt(G) for one block, in float64, rounded once to float32 (`learning.md` §4).
 * Goes through the block piece by piece; besides the new weights and moments it needs memory for one piece.
 */
export function mergeBlock(input: MergeInput): Merged {
  const { weights, mean, optimizer, scale } = input;
  const size = weights.length;
  const before = input.state ?? optimizer.init(size);
  const after = before.moments.map(() => new Float32Array(size));
  const next = new Float32Array(size);
  const buffer = new Float64Array(Math.min(PIECE, size));
  let [deltaSquares, stepSquares, poison] = [0, 0, 0];
  for (let offset = 0; offset < size; offset += PIECE) {
    const length = Math.min(PIECE, size - offset);
    const piece = buffer.subarray(0, length);
    mean.read(offset, piece);
    const moments = before.moments.map((moment) => moment.subarray(offset, offset + length));
    const stepped = optimizer.step({ step: before.step, moments }, piece);
    stepped.state.moments.forEach((moment, slot) => {
      after[slot]?.set(moment, offset);
      for (let i = 0; i < length; i++) poison += (moment[i] as number) * 0;
    });
    const step = stepped.step;
    for (let i = 0; i < length; i++) {
      const delta = piece[i] as number;
      const move = scale * (step[i] as number);
      const weight = Math.fround((weights[offset + i] as number) + move);
      next[offset + i] = weight;
      deltaSquares += delta * delta;
      stepSquares += move * move;
      // NaN as soon as one weight is not finite: ∞ · 0 and NaN · 0 are NaN.
      poison += weight * 0;
    }
  }
  if (Number.isNaN(poison)) return { kind: 'not-finite' };
  return {
    kind: 'merged',
    weights: next,
    state: { step: before.step + 1, moments: after },
    deltaNorm: Math.sqrt(deltaSquares),
    stepNorm: Math.sqrt(stepSquares),
  };
}
