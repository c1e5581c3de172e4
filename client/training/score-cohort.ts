import { type Tensor, tf } from '../../shared/compute/tf.ts';
import type { ModalityId } from '../../shared/core/ids.ts';
import { scoresOf } from '../../shared/model/heads/scores.ts';
import type { Network } from '../../shared/model/network-port.ts';
import type { Normalization } from '../../shared/model/normalization.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Part } from '../data/cohort.ts';
import { batchOf } from './batch.ts';
import type { EncodedCohort } from './encoded-cohort.ts';
import type { BlockValues, SubsetScores } from './site-trainer.ts';
import { uploadBlocks } from './train-round.ts';

const PATIENTS_AT_ONCE = 256;

/**
 * Scores the patients of one part from every asked subset of modalities; each patient is encoded once.
 * A patient takes part in a subset with those of its modalities that are in it, and not at all without any.
 */
export function scoreCohort(options: {
  readonly study: Study;
  readonly network: Network<Tensor>;
  readonly cohort: EncodedCohort;
  readonly normalization: Normalization;
  readonly blocks: BlockValues;
  readonly part: Part;
  readonly subsets: readonly (readonly ModalityId[])[];
}): readonly SubsetScores[] {
  const { study, network, cohort, subsets } = options;
  const everyone = cohort.parts[options.part];
  const found = subsets.map(() => ({ patients: [] as number[], logits: [] as number[] }));
  for (let at = 0; at < everyone.length; at += PATIENTS_AT_ONCE) {
    const patients = everyone.subarray(at, at + PATIENTS_AT_ONCE);
    const batch = batchOf(cohort, patients);
    tf.tidy(() => {
      const weights = uploadBlocks(network, options.blocks);
      const encoded = network.encode(weights, batch.network);
      subsets.forEach((subset, s) => {
        const masks = new Map([...batch.available].filter(([id]) => subset.includes(id)));
        const held = [...masks.values()];
        const eligible = Array.from(patients.keys()).filter((i) => held.some((mask) => mask[i] === 1));
        if (eligible.length === 0) return;
        const fused = network.fuse(weights, encoded, masks).dataSync();
        for (const i of eligible) {
          found[s]?.patients.push(patients[i] as number);
          for (let k = 0; k < network.outputs; k++) found[s]?.logits.push(fused[i * network.outputs + k] as number);
        }
      });
    });
  }
  return found.map(({ patients, logits }) => ({
    patients: Int32Array.from(patients),
    scores: inUnits(scoresOf(study.task, Float32Array.from(logits), patients.length), options),
  }));
}

/** Regression leaves the scale of the network for the unit of the label. */
function inUnits(
  scores: Float64Array,
  { study, normalization }: { readonly study: Study; readonly normalization: Normalization },
): Float32Array {
  const { target } = normalization;
  if (study.task.kind !== 'regression' || target === undefined) return Float32Array.from(scores);
  return Float32Array.from(scores, (score) => score * target.deviation + target.mean);
}
