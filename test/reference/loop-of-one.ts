import type { Labels } from '../../client/data/cohort.ts';
import { selectLabels } from '../../client/data/select-labels.ts';
import type { Batch } from '../../client/training/batch.ts';
import type { ClipOptions, LocalModel } from '../../client/training/local-model.ts';
import { maskOf, onlyPatient } from '../../client/training/one-patient.ts';
import type { BlockValues } from '../../client/training/site-trainer.ts';
import type { BlockId } from '../../shared/core/ids.ts';

/** Per-patient clipping the slow way: one backward pass for each patient alone, every norm from the numbers themselves. */
export function loopOfOne(
  model: LocalModel,
  blocks: BlockValues,
  batch: Batch,
  labels: Labels,
  { kept, clip }: ClipOptions,
): { sums: Map<BlockId, Float64Array>; norms: number[]; dropped: number } {
  const sums = new Map<BlockId, Float64Array>();
  const norms: number[] = [];
  let dropped = 0;
  for (let patient = 0; patient < batch.network.size; patient++) {
    const one = onlyPatient(batch, patient);
    const options = { kept: maskOf(kept, patient, one.network), patientWeights: undefined };
    const { gradients } = model.gradients(blocks, one, selectLabels(labels, [patient]), options);
    const norm = Math.sqrt([...gradients.values()].flatMap((g) => [...g]).reduce((sum, g) => sum + g * g, 0));
    norms.push(norm);
    if (!Number.isFinite(norm)) {
      dropped++;
      continue;
    }
    const factor = Math.min(1, clip / norm);
    for (const [id, gradient] of gradients) {
      const sum = sums.get(id) ?? new Float64Array(gradient.length);
      gradient.forEach((value, i) => {
        sum[i] = (sum[i] as number) + factor * value;
      });
      sums.set(id, sum);
    }
  }
  return { sums, norms, dropped };
}
