import type { ModalityId } from '../../shared/core/ids.ts';
import type { Draws } from '../../shared/core/random.ts';

/**
 * Draws S' ~ drop(S, p): each modality that a patient has is dropped with probability `rate`, never all of them
 * (one of them, drawn evenly, is then kept).
 * @param available [B] of 0 and 1 per modality; every patient has at least one. Left as it is.
 */
export function dropModalities(
  available: ReadonlyMap<ModalityId, Float32Array>,
  rate: number,
  random: Draws,
): ReadonlyMap<ModalityId, Float32Array> {
  if (rate === 0) return available;
  const kept = new Map<ModalityId, Float32Array>();
  for (const [id, mask] of available) kept.set(id, mask.slice());
  const masks = [...kept.values()];
  const size = masks[0]?.length ?? 0;
  const held: Float32Array[] = [];
  for (let patient = 0; patient < size; patient++) {
    held.length = 0;
    let survivors = 0;
    for (const mask of masks) {
      if (mask[patient] !== 1) continue;
      held.push(mask);
      if (random.uniform() >= rate) survivors++;
      else mask[patient] = 0;
    }
    if (survivors > 0) continue;
    const last = held[random.below(held.length)];
    if (last !== undefined) last[patient] = 1;
  }
  return kept;
}
