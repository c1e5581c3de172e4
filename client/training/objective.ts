import { type Tensor, tf } from '../../shared/compute/tf.ts';
import { type ModalityId, SITE_BLOCK } from '../../shared/core/ids.ts';
import { divergenceOf, lossOf } from '../../shared/model/heads/losses.ts';
import type { WatchRows } from '../../shared/model/layer-watch.ts';
import { addBias } from '../../shared/model/layers.ts';
import type { Encoded, Network, Weights } from '../../shared/model/network-port.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Labels } from '../data/cohort.ts';
import type { Batch } from './batch.ts';

/** One step's loss without the proximal term, which the trainer adds to the gradient. */
export interface Objective {
  /**
   * CE(l_S', y) + λ_u · mean over m in S of CE(l_m + b_k, y) + λ_d · KL(stopgrad p_S ‖ p_S'), the mean over patients
   * (survival: the batch's partial likelihood divided by them).
   * @param kept S' of each patient. @param patientWeights [B], class weights. @returns a scalar; the caller's.
   */
  (
    weights: Weights<Tensor>,
    batch: Batch,
    labels: Labels,
    options: {
      readonly kept: ReadonlyMap<ModalityId, Float32Array>;
      readonly patientWeights: Float32Array | undefined;
    },
    watch?: WatchRows<Tensor>,
  ): Tensor;
}

export function objectiveOf(study: Study, network: Network<Tensor>): Objective {
  const { unimodalLoss, divergence } = study.training;
  const loss = lossOf(study.task);
  const divergenceFrom = divergenceOf(study.task);
  return (weights, batch, labels, { kept, patientWeights }, watch) => {
    const encoded = network.encode(weights, batch.network, watch);
    const fused = network.fuse(weights, encoded, kept, watch);
    let total = loss(fused, labels, patientWeights);
    if (unimodalLoss > 0 && encoded.evidence.size > 0) {
      const alone = unimodal(weights, encoded, { batch, labels, patientWeights, watch });
      total = tf.add(total, tf.mul(alone, unimodalLoss));
    }
    if (divergence > 0) {
      // Read out, so that nothing flows back into the prediction from everything.
      const full = network.fuse(weights, encoded, batch.available).dataSync() as Float32Array;
      total = tf.add(total, tf.mul(divergenceFrom(full, fused), divergence));
    }
    return total;
  };

  /** Each modality's own evidence judged alone, averaged within a patient over what the patient has. */
  function unimodal(
    weights: Weights<Tensor>,
    encoded: Encoded<Tensor>,
    step: {
      readonly batch: Batch;
      readonly labels: Labels;
      readonly patientWeights: Float32Array | undefined;
      readonly watch: WatchRows<Tensor> | undefined;
    },
  ): Tensor {
    const { batch, labels, patientWeights } = step;
    const watch = step.watch?.(Int32Array.from({ length: encoded.size }, (_, i) => i));
    const bias = weights.get(SITE_BLOCK)?.[0];
    const held = new Float32Array(batch.network.size);
    for (const mask of batch.available.values()) {
      for (let i = 0; i < held.length; i++) held[i] = (held[i] as number) + (mask[i] as number);
    }
    const terms = [...encoded.evidence].map(([id, evidence]) => {
      const mask = batch.available.get(id) as Float32Array;
      const share = mask.map((has, i) => (has / (held[i] as number)) * (patientWeights?.[i] ?? 1));
      return loss(bias === undefined ? evidence : addBias(evidence, bias, watch), labels, share);
    });
    return tf.addN(terms);
  }
}
