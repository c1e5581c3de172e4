import type { Study } from '../../shared/study/study.ts';
import type { Baseline } from './baseline.ts';
import { fallbackPrediction } from './constant-prediction.ts';

/**
 * The study with noise on each patient's gradient, as much as keeps each site within `epsilon` over all rounds. Noise
 * wants other settings: large steps, few of them, fast. Those were chosen for heart-four-hospitals by patients held out
 * of training; a study that has noise of its own keeps its clip, delta and training, and only epsilon is another.
 */
export function noised(epsilon: number): Baseline {
  return {
    name: `noise-epsilon-${epsilon}`,
    title: `With noise, epsilon ${epsilon}`,
    kind: 'baseline',
    note: `Differential privacy per patient and site, epsilon ${epsilon} over all rounds, delta by the site's patients. The noise of a simulation repeats itself and protects nobody.`,
    prepare({ study, cohorts }) {
      const reason = whyNot(study);
      if (reason !== undefined) return { kind: 'impossible', reason };
      const changed = withNoise(study, epsilon);
      const fallback = fallbackPrediction(study.task, cohorts);
      return { kind: 'federation', study: changed, cohorts, evaluateOn: cohorts, fallback };
    },
  };
}

function withNoise(study: Study, epsilon: number): Study {
  const { record } = study.privacy;
  const noise = { kind: 'epsilon', epsilon } as const;
  if (record !== undefined) return { ...study, privacy: { ...study.privacy, record: { ...record, noise } } };
  return {
    ...study,
    privacy: { ...study.privacy, record: { clip: 1, noise } },
    // As `parseStudy` has it: a site's exact number of patients is not public where it adds noise.
    merge: { ...study.merge, weights: study.merge.weights === 'exact' ? 'bucketed' : study.merge.weights },
    training: {
      ...study.training,
      rounds: ROUNDS,
      duration: { kind: 'epochs', count: 1 },
      batch: BATCH,
      optimizer: { kind: 'adam', learningRate: LEARNING_RATE, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      weightDecay: WEIGHT_DECAY,
      modalityDropout: 0,
      gradientClip: 0,
      classWeights: 'none',
      normalization: 'ranges',
    },
  };
}

const ROUNDS = 50;
const BATCH = 128;
const LEARNING_RATE = 0.1;
const WEIGHT_DECAY = 0.05;

/** What `study check` would have against the mode. */
function whyNot({ task, modalities }: Study): string | undefined {
  if (task.kind === 'survival' || task.kind === 'regression') {
    return `noise on single patients' gradients needs a classification, and the task is ${task.kind}`;
  }
  const without = modalities.find(
    (modality) =>
      modality.kind === 'tabular' &&
      modality.features.some((feature) => feature.kind === 'numeric' && feature.range === undefined),
  );
  return without && `noise needs a declared range for every feature, and ${without.id} lacks one`;
}
