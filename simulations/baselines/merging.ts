import type { MergeSpec, ServerOptimizerSpec, Study } from '../../shared/study/study.ts';
import type { Baseline } from './baseline.ts';
import { fallbackPrediction } from './constant-prediction.ts';

/** FedProx's mu where the study has none. */
const PROXIMAL = 0.1;

/** Block-wise averaging with a constant beta: 0 over holders only, 1 plain FedAvg with frozen absent encoders. */
export function blockwise(beta: number): Baseline {
  return merging({
    name: `blockwise-beta-${beta}`,
    title: beta === 1 ? 'FedAvg (beta 1)' : `Block-wise averaging, beta ${beta}`,
    note:
      beta === 1
        ? 'Plain FedAvg: sites without a modality count as if they returned its encoder unchanged.'
        : 'The study with a constant beta and FedAvg on the server.',
    change: (study) => ({
      ...study,
      merge: plain(study.merge, { rarityExponent: { from: beta, to: beta } }),
    }),
  });
}

/** Li et al. 2020, arXiv:1812.06127. */
export const fedProx = merging({
  name: 'fedprox',
  title: 'FedProx',
  note: `The study with a proximal term (mu ${PROXIMAL} unless the study has one) and FedAvg on the server; not tuned.`,
  change: (study) => ({
    ...study,
    training: { ...study.training, proximal: study.training.proximal || PROXIMAL },
    merge: plain(study.merge),
  }),
});

/** Wang et al. 2020, arXiv:2007.07481. */
export const fedNova = merging({
  name: 'fednova',
  title: 'FedNova',
  note: 'The study with updates normalized by local steps; needs unequal steps to differ from FedAvg.',
  change: (study) => ({ ...study, merge: plain(study.merge, { fedNova: true }) }),
});

/** Hsu et al. 2019, arXiv:1909.06335. */
export const fedAvgM = serverOptimizer('FedAvgM', { kind: 'fedavgm', momentum: 0.9 });

/** This and the next two: Reddi et al. 2021, arXiv:2003.00295. */
export const fedAdagrad = serverOptimizer('FedAdagrad', {
  kind: 'fedadagrad',
  learningRate: 0.03,
  beta1: 0,
  tau: 1e-3,
});

export const fedAdam = serverOptimizer('FedAdam', {
  kind: 'fedadam',
  learningRate: 0.03,
  beta1: 0.9,
  beta2: 0.99,
  tau: 1e-3,
});

export const fedYogi = serverOptimizer('FedYogi', {
  kind: 'fedyogi',
  learningRate: 0.03,
  beta1: 0.9,
  beta2: 0.99,
  tau: 1e-3,
});

/** The study with another server optimizer; its constants are common defaults, tuned on nothing. */
function serverOptimizer(title: string, server: ServerOptimizerSpec): Baseline {
  return merging({
    name: title.toLowerCase(),
    title,
    note: "Only the server's step differs from the study (same blocks and beta); common default constants, not tuned.",
    change: (study) => ({ ...study, merge: plain(study.merge, { server }) }),
  });
}

function merging(options: {
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly change: (study: Study) => Study;
}): Baseline {
  const { name, title, note, change } = options;
  return {
    name,
    title,
    kind: 'baseline',
    note,
    prepare: ({ study, cohorts }) => ({
      kind: 'federation',
      study: change(study),
      cohorts,
      evaluateOn: cohorts,
      fallback: fallbackPrediction(study.task, cohorts),
    }),
  };
}

/** The mean over holders, FedAvg, step 1; beta and all limits as in the study. */
function plain(merge: MergeSpec, change: Partial<MergeSpec> = {}): MergeSpec {
  return {
    ...merge,
    learningRate: 1,
    server: { kind: 'fedavg' },
    fedNova: false,
    robust: { kind: 'mean' },
    ...change,
  };
}
