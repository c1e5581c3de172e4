import { type Tensor, tf } from '../../shared/compute/tf.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ModalityId, modalityOf } from '../../shared/core/ids.ts';
import { buildNetwork } from '../../shared/model/network.ts';
import type { Network } from '../../shared/model/network-port.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Batch } from './batch.ts';
import type { LocalModel } from './local-model.ts';
import { objectiveOf } from './objective.ts';
import type { BlockValues } from './site-trainer.ts';

/** Any study's model, on the backend that is current in this thread. All tensors of a call are gone when it returns. */
export function tensorModel(study: Study, modalities: readonly ModalityId[]): LocalModel {
  const network = buildNetwork(study, modalities);
  const objective = objectiveOf(study, network);
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
