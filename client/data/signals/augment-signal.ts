import type { Draws } from '../../../shared/core/random.ts';
import type { SignalAugmentation } from '../../../shared/study/modality-input.ts';

/**
 * A variant of one instance for training: all leads moved in time by one draw and filled with 0, scaled by one draw, noise
 * added sample by sample, leads set to 0. A lead that is 0 throughout stays so, and one lead is always left.
 * @param values [samples, channels]; borrowed.
 * @returns a new array. The same stream gives the same variant.
 */
export function augmentSignal(
  values: Float32Array,
  spec: SignalAugmentation,
  options: {
    readonly shape: { readonly samples: number; readonly channels: number };
    readonly random: Draws;
  },
): Float32Array {
  const { shape, random } = options;
  const { samples, channels } = shape;
  const present = Array.from({ length: channels }, (_, lead) => lead).filter((lead) =>
    hasSignal(values, lead, channels),
  );
  const shift = Math.round(symmetric(random) * spec.shift * samples);
  const scale = 1 + symmetric(random) * spec.scale;
  const kept = dropLeads(present, spec.leadDropout, random);
  const out = new Float32Array(values.length);
  for (let i = 0; i < samples; i++) {
    const from = i - shift;
    for (const lead of kept) {
      const value = from >= 0 && from < samples ? (values[from * channels + lead] as number) : 0;
      const noise = spec.noise === 0 ? 0 : spec.noise * random.normal();
      out[i * channels + lead] = value * scale + noise;
    }
  }
  return out;
}

function hasSignal(values: Float32Array, lead: number, channels: number): boolean {
  for (let i = lead; i < values.length; i += channels) if (values[i] !== 0) return true;
  return false;
}

function dropLeads(present: readonly number[], probability: number, random: Draws): readonly number[] {
  const kept = present.filter(() => random.uniform() >= probability);
  if (kept.length > 0 || present.length === 0) return kept;
  return [present[random.below(present.length)] as number];
}

/** Uniform in [-1, 1). */
function symmetric(random: Draws): number {
  return 2 * random.uniform() - 1;
}
