import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { ModalityMasks } from '../local-model.ts';
import type { EncodedRows } from './modality-encoder.ts';

/** A modality's rows beside the [B] mask that says whose S it belongs to. */
export interface MaskedRows {
  readonly rows: EncodedRows;
  readonly mask: Float32Array;
}

/**
 * The modalities that have a mask.
 * @throws ConsiliumError `EMPTY_PATTERN` where there is none.
 */
export function maskedRows(encoded: readonly EncodedRows[], masks: ModalityMasks): readonly MaskedRows[] {
  const used = encoded.flatMap((rows) => {
    const mask = masks.get(rows.id);
    return mask === undefined ? [] : [{ rows, mask }];
  });
  if (used.length === 0) throw new ConsiliumError('EMPTY_PATTERN', 'fuse: expected a modality, got none');
  return used;
}

/** |S| of each patient into `counts`, [B] at the start of the array. */
export function countModalities(used: readonly MaskedRows[], counts: Float64Array, size: number): void {
  counts.fill(0, 0, size);
  for (const { rows, mask } of used) {
    for (let p = 0; p < rows.positions.length; p++) {
      const patient = rows.positions[p] as number;
      if (mask[patient] !== 0) counts[patient] = (counts[patient] as number) + 1;
    }
  }
}

/**
 * Mean of e_m over S into `mean`, [B, width] at the start of the array; 0 for a patient without any modality.
 * @param part.counts |S|: [B].
 */
export function averageEmbedding(
  used: readonly MaskedRows[],
  mean: Float64Array,
  part: { readonly counts: Float64Array; readonly size: number; readonly width: number },
): void {
  const { counts, size, width } = part;
  mean.fill(0, 0, size * width);
  for (const { rows, mask } of used) {
    const { positions, embedding } = rows;
    for (let p = 0; p < positions.length; p++) {
      const patient = positions[p] as number;
      if (mask[patient] === 0) continue;
      const share = 1 / (counts[patient] as number);
      for (let j = 0; j < width; j++) {
        const at = patient * width + j;
        mean[at] = (mean[at] as number) + share * (embedding[p * width + j] as number);
      }
    }
  }
}

/**
 * Adds to the slopes of the embeddings what they get from that of their mean.
 * @param meanSlope dL/d(mean of e_m): [B, width]. @param part.counts |S|: [B].
 */
export function spreadMeanSlope(
  used: readonly MaskedRows[],
  meanSlope: Float64Array,
  part: { readonly counts: Float64Array; readonly width: number },
): void {
  const { counts, width } = part;
  for (const { rows, mask } of used) {
    const { positions, slopes } = rows;
    for (let p = 0; p < positions.length; p++) {
      const patient = positions[p] as number;
      if (mask[patient] === 0) continue;
      const share = 1 / (counts[patient] as number);
      for (let j = 0; j < width; j++) {
        const at = p * width + j;
        slopes.embedding[at] =
          (slopes.embedding[at] as number) + share * (meanSlope[patient * width + j] as number);
      }
    }
  }
}
