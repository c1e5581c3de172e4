import type { StudyId } from '../../shared/core/ids.ts';

/** A study file that passes the check and says what may be changed. */
export function studyTemplate(id: StudyId): string {
  return `# A Consilium study: what is trained, how, and how it is judged. It contains no data and no code.
# Check it with:   consilium study check ${id}.yaml
# Explain it with: consilium study show ${id}.yaml
study: ${id}
title: What is predicted, from what
seed: 42

# binary {label} | multiclass {label, levels} | multilabel {labels} | regression {label, unit} | survival {time, event}
task: { kind: binary, label: outcome }

# What patients may have. A site trains only what it holds; a patient needs only one of them.
modalities:
  labs:
    kind: tabular
    features: # numeric: {unit, range, missing}; categorical: {levels, missing}
      creatinine: { unit: mg/dl, range: [0.1, 30], missing: [-1] }
      hemoglobin: { unit: g/dl, range: [1, 25], missing: [-1] }
      smoker: { levels: [0, 1] }
  xray: { kind: image, height: 64, width: 64, channels: 1, filters: [8, 16] }
  # ecg: { kind: signal, samples: 1000, channels: 12, rateHz: 100 }
  # notes: { kind: text, tokens: 128, buckets: 4096 }
  # slides: { kind: embedding, width: 512 }

model:
  fusion: evidence # evidence | mean | attention
  embedding: 8
  encoder: { hidden: [16] }

training:
  rounds: 30
  epochs: 2 # or steps: 100
  batch: 32
  optimizer: { kind: adam, learningRate: 0.005 }
  modalityDropout: 0.3
  unimodalLoss: 0.5

merge:
  weightExponent: 1 # 1: by patients; 0: every site alike
  rarityExponent: 0.5 # 0: rare modalities at full step; 1: plain FedAvg; or {from: 0, to: 1} over the rounds
  server: { kind: fedavg } # fedavg | fedavgm | fedadagrad | fedadam | fedyogi
  clip: 10
  minHolders: 2
  minPatients: 50

privacy: { secureAggregation: false }

evaluation:
  split: { test: 0.2, validation: 0.1 }
  subsets: all # or [[labs], [labs, xray]]
  groups:
    sex: {}
    age: { bands: [50, 65] }
`;
}
