import { type Tensor, tf } from '../../shared/compute/tf.ts';
import type { BlockId, ModalityId } from '../../shared/core/ids.ts';
import { modalityId, studyId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { inputShape } from '../../shared/model/inputs.ts';
import type { NetworkBatch } from '../../shared/model/network-port.ts';
import type { Modality, ModelSpec, Study, Task } from '../../shared/study/study.ts';
import { type Block, tensorValues } from '../../shared/tensor/block.ts';
import { PLAIN_IMAGE, PLAIN_SIGNAL, PLAIN_TEXT } from '../helpers/modality-defaults.ts';
import { studyWith } from '../helpers/study-with.ts';

/** One small modality of each kind. */
export const MODALITIES = {
  labs: {
    id: modalityId('labs'),
    kind: 'tabular',
    hidden: [6],
    features: [
      { kind: 'numeric', name: 'chol', missing: [] },
      { kind: 'numeric', name: 'age', missing: [] },
      { kind: 'categorical', name: 'cp', levels: ['a', 'b', 'c'], missing: [] },
    ],
  },
  fundus: {
    ...PLAIN_IMAGE,
    id: modalityId('fundus'),
    kind: 'image',
    height: 9,
    width: 8,
    channels: 1,
    filters: [4, 8],
  },
  ecg: {
    ...PLAIN_SIGNAL,
    id: modalityId('ecg'),
    kind: 'signal',
    samples: 20,
    channels: 2,
    rateHz: 100,
    filters: [8, 8],
    recurrent: false,
  },
  rhythm: {
    ...PLAIN_SIGNAL,
    id: modalityId('rhythm'),
    kind: 'signal',
    samples: 12,
    channels: 2,
    rateHz: 100,
    filters: [4],
    recurrent: true,
  },
  note: { ...PLAIN_TEXT, id: modalityId('note'), kind: 'text', tokens: 6, buckets: 20, filters: [8] },
  vector: { id: modalityId('vector'), kind: 'embedding', width: 5, hidden: [] },
} as const satisfies Record<string, Modality>;

export const BINARY: Task = { kind: 'binary', label: 'y' };
export const MULTICLASS: Task = { kind: 'multiclass', label: 'y', levels: ['a', 'b', 'c'] };

export interface StudyOptions {
  readonly modalities: readonly Modality[];
  readonly task?: Task;
  readonly model?: Partial<ModelSpec>;
  readonly seed?: number;
}

/** A study around a model; the rest is of no interest here. */
export function studyOf(options: StudyOptions): Study {
  const { modalities, task = BINARY, model = {}, seed = 7 } = options;
  return studyWith({
    id: studyId('test'),
    title: 'Test',
    seed,
    task,
    modalities: [...modalities].sort((a, b) => (a.id < b.id ? -1 : 1)),
    model: { siteBias: false, ...model },
    training: { rounds: 1, modalityDropout: 0, unimodalLoss: 0 },
    merge: { rarityExponent: { from: 0, to: 0 } },
    evaluation: { minCell: 0 },
  });
}

/** Tensors of all blocks. Given. */
export function weightsOf(blocks: readonly Block[]): Map<BlockId, Tensor[]> {
  return new Map(
    blocks.map((block) => [
      block.layout.id,
      block.layout.tensors.map((spec) => tf.tensor(tensorValues(block, spec), [...spec.shape])),
    ]),
  );
}

export function startWeights(study: Study): Map<BlockId, Tensor[]> {
  return weightsOf(initialBlocks(study));
}

/** Random inputs. @param holders positions of the patients that have each modality; all unless given. */
export function randomBatch(
  study: Study,
  size: number,
  holders: ReadonlyMap<ModalityId, readonly number[]> = new Map(),
  seed = 1,
): NetworkBatch {
  const inputs = study.modalities.map((modality) => {
    const positions = Int32Array.from(holders.get(modality.id) ?? Array.from({ length: size }, (_, i) => i));
    const random = seededRandom(seed, modality.id);
    const perPatient = inputShape(modality).reduce((product: number, length: number) => product * length, 1);
    const count = positions.length * perPatient;
    const values =
      modality.kind === 'text'
        ? Int32Array.from({ length: count }, () => random.below(modality.buckets))
        : Float32Array.from({ length: count }, () => random.normal());
    return [modality.id, { positions, values }] as const;
  });
  return { size, inputs: new Map(inputs) };
}

/** Who has what in the batch, as masks. */
export function masksOf(batch: NetworkBatch): Map<ModalityId, Float32Array> {
  return new Map(
    [...batch.inputs].map(([id, { positions }]) => {
      const mask = new Float32Array(batch.size);
      for (const position of positions) mask[position] = 1;
      return [id, mask];
    }),
  );
}

/** All non-empty subsets. */
export function subsetsOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length - 1 }, (_, i) =>
    items.filter((_item, k) => ((i + 1) >> k) % 2 === 1),
  );
}
