import type { MergeSpec } from '../study/study.ts';
import { inSlices } from './in-slices.ts';
import type { MeanDelta } from './mean-delta.ts';
import type { OptimizerState, ServerOptimizer, StepPowers } from './server-optimizer.ts';

/** Values per piece: three float64 pieces stay within the first caches. Slices are whole pieces. */
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
  /** As somebody else computed them; else the optimizer's own. */
  readonly powers?: StepPowers;
  /**
   * Where the next weights go, [d], Given; new memory unless given. May be the memory that `mean` reads from: each
   * piece is read before it is written, and what was read is lost, also where the outcome is `not-finite`.
   */
  readonly into?: Float32Array | undefined;
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
  /** A weight or moment would not be a finite float32; weights and state are as they were. */
  | { readonly kind: 'not-finite' };

/** A step divides, and an adaptive one takes a root. */
const STEP_COST = 2;

/**
 * θ ← θ + η · ρ^β · ServerOpt(G) for one block, in float64, rounded once to float32 (`learning.md` §4).
 * Goes through the block piece by piece, and lets the event loop have its turn between slices; besides the new weights
 * and moments it needs memory for one piece.
 */
export async function mergeBlock(input: MergeInput): Promise<Merged> {
  const { weights, mean, optimizer, scale } = input;
  const size = weights.length;
  const old = input.state?.moments;
  const { step } = input.state ?? optimizer.init(0);
  const powers = input.powers ?? optimizer.powers(step);
  const moments = Array.from({ length: optimizer.slots }, () => new Float32Array(size));
  const next = input.into ?? new Float32Array(size);
  const buffer = new Float64Array(Math.min(PIECE, size));
  const total = { deltaSquares: 0, stepSquares: 0, poison: 0 };
  await inSlices(
    size,
    (from, to) => {
      for (let offset = from; offset < to; offset += PIECE) {
        const end = Math.min(offset + PIECE, to);
        const delta = buffer.subarray(0, end - offset);
        mean.read(offset, delta);
        const before = old?.map((moment) => moment.subarray(offset, end));
        const state = before ? { step, moments: before } : optimizer.init(end - offset);
        const stepped = optimizer.step(state, delta, powers);
        for (const [slot, moment] of stepped.state.moments.entries()) {
          moments[slot]?.set(moment, offset);
          total.poison += poisonOf(moment);
        }
        const moved = next.subarray(offset, end);
        total.deltaSquares += squares(delta, 1);
        total.stepSquares += squares(stepped.step, scale);
        addScaled(moved, weights.subarray(offset, end), stepped.step, scale);
        total.poison += poisonOf(moved);
      }
    },
    STEP_COST,
  );
  if (Number.isNaN(total.poison)) return { kind: 'not-finite' };
  return {
    kind: 'merged',
    weights: next,
    state: { step: step + 1, moments },
    deltaNorm: Math.sqrt(total.deltaSquares),
    stepNorm: Math.sqrt(total.stepSquares),
  };
}

// Each loop is a function of its own: short loops over one or two arrays are what the compiler makes fast.

function addScaled(into: Float32Array, weights: Float32Array, step: Float64Array, scale: number): void {
  const whole = into.length - (into.length % 4);
  for (let i = 0; i < whole; i += 4) {
    into[i] = (weights[i] as number) + scale * (step[i] as number);
    into[i + 1] = (weights[i + 1] as number) + scale * (step[i + 1] as number);
    into[i + 2] = (weights[i + 2] as number) + scale * (step[i + 2] as number);
    into[i + 3] = (weights[i + 3] as number) + scale * (step[i + 3] as number);
  }
  for (let i = whole; i < into.length; i++) into[i] = (weights[i] as number) + scale * (step[i] as number);
}

/** Σ (scale · v)², in four interleaved sums, so that an addition need not wait for the one before. */
function squares(values: Float64Array, scale: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const a = scale * (values[i] as number);
    const b = scale * (values[i + 1] as number);
    const c = scale * (values[i + 2] as number);
    const d = scale * (values[i + 3] as number);
    s0 += a * a;
    s1 += b * b;
    s2 += c * c;
    s3 += d * d;
  }
  for (let i = whole; i < values.length; i++) s0 += (scale * (values[i] as number)) ** 2;
  return s0 + s1 + (s2 + s3);
}

/** 0, or NaN as soon as one value is not finite: ∞ · 0 and NaN · 0 are NaN. */
function poisonOf(values: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += (values[i] as number) * 0;
    s1 += (values[i + 1] as number) * 0;
    s2 += (values[i + 2] as number) * 0;
    s3 += (values[i + 3] as number) * 0;
  }
  for (let i = whole; i < values.length; i++) s0 += (values[i] as number) * 0;
  return s0 + s1 + (s2 + s3);
}
