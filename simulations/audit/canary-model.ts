import { selectLabels } from '../../client/data/select-labels.ts';
import type { Batch } from '../../client/training/batch.ts';
import type { EncodedCohort } from '../../client/training/encoded-cohort.ts';
import type { LocalModel } from '../../client/training/local-model.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, encoderBlock, modalityId } from '../../shared/core/ids.ts';
import { type BlockLayout, blockLayout } from '../../shared/tensor/block.ts';

const CANARY = modalityId('canary');
/** The one block of the model, one weight for each canary. */
export const CANARY_BLOCK: BlockId = encoderBlock(CANARY);

/**
 * A model that makes the worst of every patient: the gradient of canary j lies along weight j alone, as long as the clip allows, so that
 * nothing but the noise stands between an update and who was in it. A patient who is no canary has a gradient of 0.
 */
export function canaryModel(canaries: number): LocalModel {
  const layout: BlockLayout = blockLayout(CANARY_BLOCK, [{ name: 'canaries', shape: [canaries] }]);
  const ofBatch = (batch: Batch, each: number) => {
    const slopes = new Float32Array(canaries);
    for (const canary of batch.network.inputs.get(CANARY)?.values ?? []) {
      if (canary >= 0) slopes[canary] = (slopes[canary] as number) - each;
    }
    return slopes;
  };
  return {
    layouts: new Map([[CANARY_BLOCK, layout]]),
    outputs: 1,
    gradients: (_blocks, batch) => ({
      loss: 0,
      gradients: new Map([[CANARY_BLOCK, ofBatch(batch, 1 / batch.network.size)]]),
    }),
    clippedGradients: (_blocks, batch, _labels, { clip }) => ({
      sums: new Map([[CANARY_BLOCK, ofBatch(batch, clip)]]),
      dropped: 0,
    }),
    logits() {
      throw new ConsiliumError('INTERNAL', 'canary model: expected to be trained, not asked');
    },
  };
}

/** A site of the canaries that are in and as many others as make it `patients`; all of them train. */
export function canaryCohort(included: readonly number[], patients: number): EncodedCohort {
  const size = Math.max(patients, included.length);
  const everybody = Int32Array.from({ length: size }, (_, i) => i);
  const values = Float32Array.from(everybody, (i) => included[i] ?? -1);
  const none = new Int32Array(0);
  const labels = selectLabels({ kind: 'class', values: new Int32Array(size), classes: 2 }, everybody);
  return {
    patients: size,
    modalities: new Map([[CANARY, { row: everybody, itemShape: [1], values }]]),
    labels,
    parts: { train: everybody, validation: none, test: none },
  };
}
