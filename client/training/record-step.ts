import type { BlockId } from '../../shared/core/ids.ts';
import type { Draws } from '../../shared/core/random.ts';
import type { Study } from '../../shared/study/study.ts';
import { selectLabels } from '../data/select-labels.ts';
import { augmentBatch } from './augment.ts';
import { batchOf } from './batch.ts';
import type { EncodedCohort } from './encoded-cohort.ts';
import { withGridNoise } from './grid-noise.ts';
import type { LocalModel } from './local-model.ts';
import { dropModalities } from './modality-dropout.ts';
import type { RecordTerms } from './record-terms.ts';
import type { BlockValues } from './site-trainer.ts';

export interface NoisyGradients {
  /** Of every block of the model, whoever was drawn. The caller's. */
  readonly gradients: ReadonlyMap<BlockId, Float32Array>;
  /** Patients left out because their gradient was not finite. Never to leave the site. */
  readonly dropped: number;
}

/**
 * One step of DP-SGD on patients (Abadi et al. 2016, arXiv:1607.00133): each training patient is drawn on its own, its
 * gradient over all blocks of the model clipped, the sum noised and divided by the batch that was expected. A step that
 * drew nobody is noise alone. Samples are worked through `training.batch` patients at a time.
 */
export function recordStep(
  site: { readonly study: Study; readonly model: LocalModel; readonly cohort: EncodedCohort },
  blocks: BlockValues,
  terms: RecordTerms,
  draws: Draws,
): NoisyGradients {
  const { study, model, cohort } = site;
  const sums = new Map([...model.layouts].map(([id, { size }]) => [id, new Float64Array(size)]));
  const drawn = samplePatients(cohort.parts.train, terms.sampleRate, draws);
  let dropped = 0;
  for (let at = 0; at < drawn.length; at += study.training.batch) {
    const patients = drawn.subarray(at, at + study.training.batch);
    const batch = augmentBatch(batchOf(cohort, patients), study, () => draws);
    const kept = dropModalities(batch.available, study.training.modalityDropout, draws);
    const labels = selectLabels(cohort.labels, patients);
    const clipped = model.clippedGradients(blocks, batch, labels, { kept, clip: terms.clip });
    dropped += clipped.dropped;
    for (const [id, part] of clipped.sums) addTo(sums.get(id) as Float64Array, part);
  }
  const gradients = new Map([...sums].map(([id, sum]) => [id, withGridNoise(sum, terms, draws)]));
  return { gradients, dropped };
}

/** Each patient with probability `rate`, independently: Poisson sampling. */
export function samplePatients(patients: Int32Array, rate: number, draws: Draws): Int32Array {
  return patients.filter(() => draws.uniform() < rate);
}

function addTo(sum: Float64Array, part: ArrayLike<number>): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
}
