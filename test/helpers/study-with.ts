import { studyId } from '../../shared/core/ids.ts';
import type { EvaluationSpec, MergeSpec, ModelSpec, Study, TrainingSpec } from '../../shared/study/study.ts';

/** What a test is about: whole members, or single settings of a section. `modalities` sorted by id. */
export type StudyChange = Pick<Study, 'modalities'> &
  Partial<Omit<Study, 'model' | 'training' | 'merge' | 'evaluation'>> & {
    readonly model?: Partial<ModelSpec>;
    readonly training?: Partial<TrainingSpec>;
    readonly merge?: Partial<MergeSpec>;
    readonly evaluation?: Partial<EvaluationSpec>;
  };

/** A study as small as it can be: a binary label, three rounds of one epoch of SGD, federated averaging. */
export function studyWith({ model, training, merge, evaluation, ...change }: StudyChange): Study {
  return {
    id: studyId('small'),
    title: 'Small',
    seed: 7,
    task: { kind: 'binary', label: 'ill' },
    model: { fusion: 'evidence', embedding: 4, jointHidden: 0, siteBias: true, ...model },
    training: {
      rounds: 3,
      duration: { kind: 'epochs', count: 1 },
      batch: 8,
      optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0 },
      weightDecay: 0,
      gradientClip: 0,
      modalityDropout: 0.3,
      unimodalLoss: 0.5,
      divergence: 0,
      proximal: 0,
      classWeights: 'none',
      normalization: 'federated',
      ...training,
    },
    merge: {
      weightExponent: 1,
      weights: 'exact',
      rarityExponent: { from: 0.5, to: 0.5 },
      learningRate: 1,
      server: { kind: 'fedavg' },
      fedNova: false,
      robust: { kind: 'mean' },
      clip: { default: 10, blocks: new Map() },
      minHolders: 2,
      minPatients: 1,
      ...merge,
    },
    privacy: { secureAggregation: false },
    evaluation: {
      split: { test: 0.2, validation: 0.2 },
      subsets: 'all',
      every: 1,
      choose: 'last',
      minCell: 11,
      groups: [],
      ...evaluation,
    },
    notes: [],
    ...change,
  };
}
