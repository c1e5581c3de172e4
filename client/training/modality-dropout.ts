import type { ModalityId } from '../../shared/core/ids.ts';
import type { SeededRandom } from '../../shared/core/random.ts';

/**
 * Draws S' ~ drop(S, p): each modality that a patient has is dropped with probability `rate`, never all of them
 * (one of them, drawn evenly, is then kept).
 * @param available [B] of 0 and 1 per modality; every patient has at least one. Left as it is.
 */
export function dropModalities(
  available: ReadonlyMap<ModalityId, Float32Array>,
  rate: number,
  random: SeededRandom,
): ReadonlyMap<ModalityId, Float32Array> {
  if (rate === 0) return available;
  const kept = new Map([...available].map(([id, mask]) => [id, mask.slice()]));
  const masks = [...kept.values()];
  const size = masks[0]?.length ?? 0;
  for (let patient = 0; patient < size; patient++) {
    const has: Float32Array[] = masks.filter((mask) => mask[patient] === 1);
    const survivors = has.filter(() => random.uniform() >= rate);
    if (survivors.length === 0) survivors.push(has[random.below(has.length)] as Float32Array);
    for (const mask of has) mask[patient] = survivors.includes(mask) ? 1 : 0;
  }
  return kept;
}
