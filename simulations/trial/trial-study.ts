/** The study of a trial consortium: four hospitals that hold different tables of the same patients' kind. */
export const TRIAL_STUDY_ID = 'trial-sepsis';

export const TRIAL_STUDY = `# Generated patients: whether an infection becomes a sepsis, from whatever a hospital measures.
study: ${TRIAL_STUDY_ID}
title: A trial on generated patients
seed: 7
task: { kind: binary, label: sepsis }
modalities:
  vitals: { kind: tabular, features: { heart-rate: { unit: 1/min }, pressure: { unit: mmHg }, temperature: { unit: "°C" } } }
  labs: { kind: tabular, features: { crp: { unit: mg/l }, lactate: { unit: mmol/l }, creatinine: { unit: umol/l } } }
  ecg: { kind: tabular, features: { qtc: { unit: ms }, pr: { unit: ms } } }
  ventilation: { kind: tabular, features: { oxygen: { unit: "%" }, rate: { unit: 1/min } } }
model: { fusion: evidence, embedding: 8, encoder: { hidden: [8] } }
training: { rounds: 8, epochs: 1, batch: 32, optimizer: { kind: adam, learningRate: 0.01 } }
merge: { minHolders: 3, minPatients: 50 }
evaluation: { split: { test: 0.25, validation: 0.1 } }
`;

/** What each hospital of a trial holds; a fifth begins with the first again. Every table has three holders among four. */
export const TRIAL_HOLDINGS: readonly (readonly TrialTable[])[] = [
  ['vitals', 'labs', 'ecg', 'ventilation'],
  ['vitals', 'labs', 'ecg'],
  ['vitals', 'ecg', 'ventilation'],
  ['vitals', 'labs', 'ventilation'],
];

export type TrialTable = keyof typeof TRIAL_COLUMNS;

/** Mean and deviation of the well, and how far severity moves a value, in deviations. */
export const TRIAL_COLUMNS = {
  vitals: { 'heart-rate': [82, 12, 0.9], pressure: [92, 10, -0.8], temperature: [37.3, 0.7, 0.5] },
  labs: { crp: [40, 25, 0.9], lactate: [1.4, 0.5, 1], creatinine: [85, 22, 0.7] },
  ecg: { qtc: [415, 22, 0.5], pr: [158, 18, 0.2] },
  ventilation: { oxygen: [96, 2, -0.9], rate: [17, 3, 0.8] },
} as const;
