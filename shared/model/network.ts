import type { Tensor, Tensor2D } from '../compute/tf.ts';
import { ConsiliumError } from '../core/errors.ts';
import { type BlockId, encoderBlock, JOINT_BLOCK, type ModalityId, SITE_BLOCK } from '../core/ids.ts';
import { unreachable } from '../core/unreachable.ts';
import type { Modality } from '../study/study.ts';
import { type ModelStudy, outputsOf, studyLayouts } from './blocks.ts';
import type { EncoderInput } from './encoders/encoder.ts';
import { encodeImage } from './encoders/image.ts';
import { encodeSignal } from './encoders/signal.ts';
import { encodeTabular } from './encoders/tabular.ts';
import { encodeText } from './encoders/text.ts';
import { fuseAttention } from './fusion/attention.ts';
import { fuseEvidence } from './fusion/evidence.ts';
import { fuseMean } from './fusion/mean.ts';
import type { LayerWatch } from './layer-watch.ts';
import { addBias, dense, scatterRows, type TakeTensor, takeFrom } from './layers.ts';
import type { Encoded, Network, Weights } from './network-port.ts';

/**
 * The network of a study, for some of its modalities (a site's own) or for all. It holds no tensor: weights come in
 * with each call, so one network serves any number of sites.
 *
 * Many virtual sites as one batched program would put a leading site axis on weights and inputs. Nothing here stands
 * in its way: all but the convolutions is products, broadcasts and sums over the last axes; `dense` and `scatterRows`
 * (`layers.ts`) are the only products of tabular encoders and heads, and turn into batched products; masks and
 * positions are plain arrays, made per site. Convolutions would fold the site axis into groups of channels.
 * @throws ConsiliumError `BAD_ARGUMENT` for a modality that the study lacks, or none at all.
 */
export function buildNetwork(study: ModelStudy, modalities?: readonly ModalityId[]): Network<Tensor> {
  const held = heldModalities(study, modalities);
  const ids = held.map((modality) => modality.id);
  const own = new Set<BlockId>([...ids.map(encoderBlock), JOINT_BLOCK, SITE_BLOCK]);
  const layouts = new Map([...studyLayouts(study)].filter(([id]) => own.has(id)));
  const hasBias = layouts.has(SITE_BLOCK);

  return {
    modalities: ids,
    layouts,
    outputs: outputsOf(study.task),

    encode(weights, batch, watch) {
      const embedding = new Map<ModalityId, Tensor>();
      const evidence = new Map<ModalityId, Tensor>();
      for (const modality of held) {
        const input = batch.inputs.get(modality.id);
        if (input === undefined) continue;
        const { positions, values } = input;
        const take = takeFrom(tensorsOf(weights, encoderBlock(modality.id)), watch?.(positions));
        const rows = encodeModality(modality, take, { rows: positions.length, values }); // [p, embedding]
        const logits = dense(rows, take); // [p, K]
        embedding.set(modality.id, scatterRows(rows, positions, batch.size));
        evidence.set(modality.id, scatterRows(logits, positions, batch.size));
      }
      return { size: batch.size, embedding, evidence };
    },

    fuse(weights, encoded, masks, watch) {
      const used = ids.filter((id) => masks.has(id) && encoded.embedding.has(id));
      if (used.length === 0) throw new ConsiliumError('EMPTY_PATTERN', 'fuse: expected a modality, got none');
      const layers = watch?.(Int32Array.from({ length: encoded.size }, (_, i) => i));
      const logits = fuseAvailable(study, weights, encoded, { masks, modalities: used, watch: layers });
      return hasBias ? addBias(logits, tensorsOf(weights, SITE_BLOCK)[0] as Tensor, layers) : logits;
    },
  };
}

/** In the study's order, which is sorted: the order of sums does not depend on the caller's. */
function heldModalities(study: ModelStudy, ids: readonly ModalityId[] | undefined): readonly Modality[] {
  if (ids === undefined) return study.modalities;
  const unknown = ids.filter((id) => !study.modalities.some((modality) => modality.id === id));
  if (unknown.length > 0 || ids.length === 0) {
    const found = unknown.length > 0 ? unknown.join(', ') : 'none';
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `network of ${study.id}: expected modalities of the study, got ${found}`,
    );
  }
  return study.modalities.filter((modality) => ids.includes(modality.id));
}

function encodeModality(modality: Modality, take: TakeTensor, input: EncoderInput): Tensor2D {
  switch (modality.kind) {
    case 'tabular':
    case 'embedding':
      return encodeTabular(modality, take, input);
    case 'image':
      return encodeImage(modality, take, input);
    case 'signal':
      return encodeSignal(modality, take, input);
    case 'text':
      return encodeText(modality, take, input);
    default:
      return unreachable(modality);
  }
}

function fuseAvailable(
  study: ModelStudy,
  weights: Weights<Tensor>,
  encoded: Encoded<Tensor>,
  available: {
    readonly masks: ReadonlyMap<ModalityId, Float32Array>;
    readonly modalities: readonly ModalityId[];
    readonly watch: LayerWatch<Tensor> | undefined;
  },
): Tensor2D {
  const { fusion, jointHidden } = study.model;
  const { masks, modalities, watch } = available;
  const part = { modalities, take: takeFrom(tensorsOf(weights, JOINT_BLOCK), watch), jointHidden };
  switch (fusion) {
    case 'evidence': {
      // s_m is the last tensor of its block.
      const precisions = modalities.map((id) => tensorsOf(weights, encoderBlock(id)).at(-1) as Tensor);
      return fuseEvidence(encoded, masks, { ...part, precisions });
    }
    case 'mean':
      return fuseMean(encoded, masks, part);
    case 'attention':
      return fuseAttention(encoded, masks, part);
    default:
      return unreachable(fusion);
  }
}

function tensorsOf(weights: Weights<Tensor>, block: BlockId): readonly Tensor[] {
  const tensors = weights.get(block);
  if (tensors === undefined) throw new Error(`network: expected weights of ${block}`);
  return tensors;
}
