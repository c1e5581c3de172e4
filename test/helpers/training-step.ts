import type { Labels } from '../../client/data/cohort.ts';
import type { Batch } from '../../client/training/batch.ts';
import type { StepOptions } from '../../client/training/local-model.ts';
import { dropModalities } from '../../client/training/modality-dropout.ts';
import { type BlockId, type ModalityId, modalityId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import { inputShape } from '../../shared/model/inputs.ts';
import type { ModalityInput } from '../../shared/model/network-port.ts';
import type { Modality, ModelSpec, Study, Task, TrainingSpec } from '../../shared/study/study.ts';
import { MODALITIES, studyOf } from '../model/fixtures.ts';

export const DEEP: Modality = { ...MODALITIES.labs, id: modalityId('deep'), hidden: [7, 5] };
export const TABULAR: readonly Modality[] = [DEEP, MODALITIES.labs, MODALITIES.vector];

export const TASKS: Readonly<Record<Task['kind'], Task>> = {
  binary: { kind: 'binary', label: 'y' },
  multiclass: { kind: 'multiclass', label: 'y', levels: ['a', 'b', 'c'] },
  multilabel: { kind: 'multilabel', labels: ['a', 'b'] },
  regression: { kind: 'regression', label: 'y' },
  survival: { kind: 'survival', time: 't', event: 'e' },
};

export interface Step {
  readonly study: Study;
  readonly blocks: ReadonlyMap<BlockId, Float32Array>;
  readonly batch: Batch;
  readonly labels: Labels;
  readonly options: StepOptions;
}

/** A step with missing and dropped modalities, patient weights, every term of the loss, and weights far from 0. */
export function stepOf(options: {
  readonly kind: Task['kind'];
  readonly size?: number;
  readonly modalities?: readonly Modality[];
  readonly model?: Partial<ModelSpec>;
  readonly training?: Partial<TrainingSpec>;
  readonly absent?: readonly ModalityId[];
  /** Modalities of which patients have more than one. */
  readonly several?: readonly ModalityId[];
}): Step {
  const {
    kind,
    size = 13,
    modalities = TABULAR,
    model = {},
    training = {},
    absent = [],
    several = [],
  } = options;
  const task = TASKS[kind];
  const base = studyOf({ modalities, task, model: { siteBias: true, ...model } });
  const study = { ...base, training: { ...base.training, unimodalLoss: 0.5, divergence: 0.3, ...training } };
  const random = seededRandom('plain-model', kind, size);
  const blocks = new Map(
    [...studyLayouts(study)].map(([id, layout]) => [
      id,
      Float32Array.from({ length: layout.size }, () => 0.5 * random.normal()),
    ]),
  );
  const present = study.modalities.filter(({ id }) => !absent.includes(id));
  const inputs = new Map<ModalityId, ModalityInput>();
  const available = new Map<ModalityId, Float32Array>();
  present.forEach((modality, m) => {
    // Each patient has the modality of its turn, and the others two times out of three.
    const mask = Float32Array.from({ length: size }, (_, i) =>
      i % present.length === m || random.uniform() < 2 / 3 ? 1 : 0,
    );
    const holders = [...mask.keys()].filter((i) => mask[i] === 1);
    // Patients with several images or notes: one, two or three of them in turn.
    const positions = Int32Array.from(
      holders.flatMap((i) =>
        Array.from({ length: several.includes(modality.id) ? 1 + (i % 3) : 1 }, () => i),
      ),
    );
    if (positions.length === 0) return;
    const width = inputShape(modality).reduce((product, length) => product * length, 1);
    // A third is 0, like the columns of a one-hot code.
    const length = positions.length * width;
    const values =
      modality.kind === 'text'
        ? Int32Array.from({ length }, () => random.below(modality.buckets))
        : Float32Array.from({ length }, () => (random.uniform() < 1 / 3 ? 0 : random.normal()));
    available.set(modality.id, mask);
    inputs.set(modality.id, { positions, values });
  });
  return {
    study,
    blocks,
    batch: { network: { size, inputs }, available },
    labels: labelsFor(kind, size),
    options: {
      kept: dropModalities(available, 0.4, random),
      patientWeights: Float32Array.from({ length: size }, () => 0.5 + random.uniform()),
    },
  };
}

function labelsFor(kind: Task['kind'], size: number): Labels {
  const random = seededRandom('plain-model-labels', kind, size);
  switch (kind) {
    case 'binary':
    case 'multiclass': {
      const classes = kind === 'binary' ? 2 : 3;
      return {
        kind: 'class',
        values: Int32Array.from({ length: size }, () => random.below(classes)),
        classes,
      };
    }
    case 'multilabel':
      return { kind, values: Uint8Array.from({ length: 2 * size }, () => random.below(2)), width: 2 };
    case 'regression':
      return { kind, values: Float64Array.from({ length: size }, () => random.normal()) };
    case 'survival':
      return {
        kind,
        // Few distinct times: ties.
        time: Float64Array.from({ length: size }, () => 1 + random.below(5)),
        event: Uint8Array.from({ length: size }, () => (random.uniform() < 0.7 ? 1 : 0)),
      };
  }
}
