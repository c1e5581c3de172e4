import type { ModalityId } from '../../shared/core/ids.ts';
import { scoresOf } from '../../shared/model/heads/scores.ts';
import type { Normalization } from '../../shared/model/normalization.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Part } from '../data/cohort.ts';
import { batchOf } from './batch.ts';
import type { EncodedCohort } from './encoded-cohort.ts';
import type { LocalModel, ModalityMasks } from './local-model.ts';
import type { BlockValues, SubsetScores } from './site-trainer.ts';

const PATIENTS_AT_ONCE = 256;

/**
 * Scores the patients of one part from every asked subset of modalities; each patient is encoded once.
 * A patient takes part in a subset with those of its modalities that are in it, and not at all without any.
 */
export function scoreCohort(options: {
  readonly study: Study;
  readonly model: LocalModel;
  readonly cohort: EncodedCohort;
  readonly normalization: Normalization;
  readonly blocks: BlockValues;
  readonly part: Part;
  readonly subsets: readonly (readonly ModalityId[])[];
}): readonly SubsetScores[] {
  const { study, model, cohort, subsets } = options;
  const everyone = cohort.parts[options.part];
  const found: readonly Found[] = subsets.map(() => ({ patients: [], logits: [] }));
  for (let at = 0; at < everyone.length; at += PATIENTS_AT_ONCE) {
    const patients = everyone.subarray(at, at + PATIENTS_AT_ONCE);
    const batch = batchOf(cohort, patients);
    const asked: { found: Found; masks: ModalityMasks; eligible: readonly number[] }[] = [];
    subsets.forEach((subset, s) => {
      const masks = new Map([...batch.available].filter(([id]) => subset.includes(id)));
      const eligible = patientsIn([...masks.values()], patients.length);
      if (eligible.length > 0) asked.push({ found: found[s] as Found, masks, eligible });
    });
    const logits = model.logits(
      options.blocks,
      batch,
      asked.map(({ masks }) => masks),
    );
    asked.forEach(({ found, eligible }, s) => {
      const fused = logits[s] as Float32Array;
      for (const i of eligible) {
        found.patients.push(patients[i] as number);
        for (let k = 0; k < model.outputs; k++) found.logits.push(fused[i * model.outputs + k] as number);
      }
    });
  }
  return found.map(({ patients, logits }) => ({
    patients: Int32Array.from(patients),
    scores: inUnits(scoresOf(study.task, Float32Array.from(logits), patients.length), options),
  }));
}

interface Found {
  readonly patients: number[];
  readonly logits: number[];
}

/** Positions of those who have at least one of the modalities. */
function patientsIn(masks: readonly Float32Array[], size: number): readonly number[] {
  const positions: number[] = [];
  for (let i = 0; i < size; i++) if (masks.some((mask) => mask[i] === 1)) positions.push(i);
  return positions;
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
