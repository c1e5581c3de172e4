import type { Study } from '../../shared/study/study.ts';
import type { Baseline, BaselineContext, BaselinePlan } from './baseline.ts';
import { fallbackPrediction } from './constant-prediction.ts';
import { type Filler, fillRows, meanFiller, zeroFiller } from './fill-rows.ts';

const DROPOUT = 0.3;

/** Absent modalities and missing cells become the federation's training mean; plain FedAvg on top. */
export const meanImputationFedAvg: Baseline = {
  name: 'mean-imputation-fedavg',
  title: 'Mean imputation + FedAvg',
  kind: 'baseline',
  note: 'Pooled training mean or most common level for whole modalities and cells alike, no indicator; a note stays empty.',
  prepare: (context) => filled(context, meanFiller(context.study, context.cohorts), 0),
};

/** Absent modalities and missing cells become 0 in raw units; plain FedAvg on top. */
export const zeroFillFedAvg: Baseline = {
  name: 'zero-fill-fedavg',
  title: 'Zero fill + FedAvg',
  kind: 'baseline',
  note: 'Raw zeros (first level of a category) before standardization, so they also shift the mean, as in practice.',
  prepare: (context) => filled(context, zeroFiller(context.study), 0),
};

/** Zero fill, with modalities left out of training steps at random. */
export const zeroFillDropout: Baseline = {
  name: 'zero-fill-dropout',
  title: 'Zero fill + modality dropout',
  kind: 'baseline',
  note: 'As zero fill; dropout leaves a modality out of the mean of embeddings instead of feeding zeros.',
  prepare: (context) =>
    filled(context, zeroFiller(context.study), context.study.training.modalityDropout || DROPOUT),
};

function filled({ study, cohorts }: BaselineContext, filler: Filler, modalityDropout: number): BaselinePlan {
  const fill = (cohort: (typeof cohorts)[number]) => fillRows(study, cohort, filler);
  const complete = cohorts.map(fill);
  return {
    kind: 'federation',
    study: plainFedAvg(study, modalityDropout),
    cohorts: complete,
    evaluateOn: complete,
    fallback: fallbackPrediction(study.task, cohorts),
    fill,
  };
}

/** Every site holds everything now, so fusion needs no evidence, the loss no modality alone, and the merge no beta. */
function plainFedAvg(study: Study, modalityDropout: number): Study {
  return {
    ...study,
    model: { ...study.model, fusion: 'mean' },
    training: { ...study.training, modalityDropout, unimodalLoss: 0, divergence: 0 },
    merge: {
      ...study.merge,
      rarityExponent: { from: 1, to: 1 },
      learningRate: 1,
      server: { kind: 'fedavg' },
      fedNova: false,
      minPatients: 1,
    },
  };
}
