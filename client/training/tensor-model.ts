import { type Tensor, tf } from '../../shared/compute/tf.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ModalityId, modalityOf } from '../../shared/core/ids.ts';
import { buildNetwork } from '../../shared/model/network.ts';
import type { Network } from '../../shared/model/network-port.ts';
import type { Study } from '../../shared/study/study.ts';
import type { BlockLayout } from '../../shared/tensor/block.ts';
import type { Labels } from '../data/cohort.ts';
import { selectLabels } from '../data/select-labels.ts';
import type { Batch } from './batch.ts';
import { clipFactors } from './clip-factors.ts';
import { patientGradients } from './ghost/patient-gradients.ts';
import { useWatch } from './ghost/use-watch.ts';
import type { ClipOptions, ClippedGradients, LocalModel } from './local-model.ts';
import { objectiveOf } from './objective.ts';
import { maskOf, onlyPatient } from './one-patient.ts';
import type { BlockValues } from './site-trainer.ts';

/** Any study's model, on the backend that is current in this thread. All tensors of a call are gone when it returns. */
export function tensorModel(study: Study, modalities: readonly ModalityId[]): LocalModel {
  const network = buildNetwork(study, modalities);
  const objective = objectiveOf(study, network);

  /** Where a number is not finite, patient by patient: sums over a batch would take it to all others. */
  function clippedGradients(
    blocks: BlockValues,
    batch: Batch,
    labels: Labels,
    options: ClipOptions,
  ): ClippedGradients {
    const { size } = batch.network;
    const together = clippedTogether(blocks, batch, labels, options);
    if (together.dropped === 0 || size === 1) return together;
    const sums = new Map<BlockId, Float64Array>();
    let dropped = 0;
    for (let patient = 0; patient < size; patient++) {
      const one = onlyPatient(batch, patient);
      const kept = maskOf(options.kept, patient, one.network);
      const alone = clippedTogether(blocks, one, selectLabels(labels, [patient]), { ...options, kept });
      dropped += alone.dropped;
      if (alone.dropped > 0) continue;
      for (const [id, part] of alone.sums) {
        const sum = sums.get(id) ?? new Float64Array(part.length);
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number);
        sums.set(id, sum);
      }
    }
    return { sums, dropped };
  }

  /** In one backward pass; the sums mean nothing where somebody of several is dropped. */
  function clippedTogether(
    blocks: BlockValues,
    batch: Batch,
    labels: Labels,
    { kept, clip }: ClipOptions,
  ): ClippedGradients {
    const { size } = batch.network;
    const sums = new Map<BlockId, Float64Array>();
    const squares = new Float64Array(size);
    let dropped = 0;
    const watch = useWatch();
    try {
      tf.tidy(() => {
        const weights = uploadBlocks(network, blocks, batch);
        const options = { kept, patientWeights: undefined };
        // Times B: the sum over the patients of their own losses.
        const run = () => tf.mul(objective(weights, batch, labels, options, watch.rows), size);
        tf.engine().gradients(run, [watch.root]);
        const gradients = patientGradients(watch.uses, size);
        for (const gradient of gradients) gradient.addSquares(squares);
        const found = clipFactors(squares, clip);
        dropped = found.dropped;
        const ofTensor = new Map(gradients.map((gradient) => [gradient.parameter.id, gradient]));
        for (const [id, tensors] of weights) {
          const { size: length, tensors: specs } = network.layouts.get(id) as BlockLayout;
          const flat = new Float64Array(length);
          specs.forEach(({ offset }, i) => {
            const sum = ofTensor.get((tensors[i] as Tensor).id)?.sum(found.factors);
            if (sum !== undefined && dropped === 0) flat.set(sum, offset);
          });
          sums.set(id, flat);
        }
      });
    } finally {
      watch.dispose();
    }
    return { sums, dropped };
  }

  return {
    layouts: network.layouts,
    outputs: network.outputs,

    gradients(blocks, batch, labels, options) {
      const gradients = new Map<BlockId, Float32Array>();
      let loss = Number.NaN;
      tf.tidy(() => {
        const weights = uploadBlocks(network, blocks, batch);
        const tensors = [...weights.values()].flat();
        const run = () => objective(weights, batch, labels, options);
        const { value, grads } = tf.engine().gradients(run, tensors, undefined, true);
        let next = 0;
        for (const id of weights.keys()) {
          const layout = network.layouts.get(id);
          if (layout === undefined) continue;
          const flat = new Float32Array(layout.size);
          for (const { offset } of layout.tensors) {
            const gradient = grads[next++] as Tensor | null | undefined;
            if (gradient) flat.set(gradient.dataSync(), offset);
          }
          gradients.set(id, flat);
        }
        loss = value.dataSync()[0] as number;
      });
      return { loss, gradients };
    },

    clippedGradients,

    logits(blocks, batch, masks) {
      const logits: Float32Array[] = [];
      tf.tidy(() => {
        const weights = uploadBlocks(network, blocks, batch);
        const encoded = network.encode(weights, batch.network);
        for (const set of masks)
          logits.push(network.fuse(weights, encoded, set).dataSync().slice() as Float32Array);
      });
      return logits;
    },
  };
}

/** The blocks that the batch can touch as tensors, in the order of the layouts; the caller's tidy owns them. */
function uploadBlocks(
  network: Network<Tensor>,
  blocks: BlockValues,
  batch: Batch,
): ReadonlyMap<BlockId, readonly Tensor[]> {
  const weights = new Map<BlockId, readonly Tensor[]>();
  for (const [id, layout] of network.layouts) {
    const modality = modalityOf(id);
    if (modality !== undefined && !batch.network.inputs.has(modality)) continue;
    const values = blocks.get(id);
    if (values?.length !== layout.size) {
      throw new ConsiliumError(
        'INTERNAL',
        `${id}: expected ${layout.size} weights, got ${values?.length ?? 'none'}`,
      );
    }
    weights.set(
      id,
      layout.tensors.map(({ offset, size, shape }) =>
        tf.tensor(values.slice(offset, offset + size), [...shape]),
      ),
    );
  }
  return weights;
}
