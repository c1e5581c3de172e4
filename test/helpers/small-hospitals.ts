import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { type ModalityId, modalityId, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';

export const LABS = modalityId('labs');
export const CT = modalityId('ct');
export const ECG = modalityId('ecg');

/** Three tables of two numbers. @param overrides as `--set` takes them. */
export function hospitalStudy(...overrides: string[]): Study {
  const text = `
study: hospitals
seed: 5
task: { kind: binary, label: ill }
modalities:
  ct: { kind: tabular, features: [density, volume] }
  ecg: { kind: tabular, features: [rate, axis] }
  labs: { kind: tabular, features: [sodium, glucose] }
model: { embedding: 4, encoder: { hidden: [6] } }
training: { rounds: 4, epochs: 1, batch: 16, optimizer: { kind: adam, learningRate: 0.02 } }
merge: { minHolders: 2, minPatients: 1 }
evaluation: { split: { test: 0.2, validation: 0.2 }, minCell: 1 }
`;
  return parseStudy(text, 'hospitals.yaml', overrides);
}

/** What a hospital has; its patients are drawn from its name. */
export interface Hospital {
  readonly site: string;
  readonly holds: readonly ModalityId[];
  readonly patients?: number;
  /** Which part a patient is in; every fifth validates and every fifth tests unless given. */
  part?(index: number): keyof typeof PART;
  label?(drawn: 0 | 1): 0 | 1;
}

/** Everybody has labs; north and south have a CT; only east records an ECG. */
export const HOSPITALS: readonly Hospital[] = [
  { site: 'north', holds: [CT, LABS], patients: 60 },
  { site: 'south', holds: [CT, LABS], patients: 30 },
  { site: 'east', holds: [ECG, LABS], patients: 45 },
  { site: 'west', holds: [LABS], patients: 25 },
];

/** A hospital's patients: every number leans on the label, and every fourth patient lacks the first modality. */
export function hospitalCohort({ site, holds, patients = 40, ...rules }: Hospital): SiteCohort {
  const random = seededRandom('small hospital', site);
  const labels = Int32Array.from({ length: patients }, () => {
    const drawn = random.uniform() < 0.5 ? 1 : 0;
    return rules.label?.(drawn) ?? drawn;
  });
  const part = rules.part ?? ((i: number) => (i % 5 === 4 ? 'test' : i % 5 === 3 ? 'validation' : 'train'));
  return {
    site: siteId(site),
    patientIds: Array.from(labels, (_, i) => `${site}-${i}`),
    labels: { kind: 'class', values: labels, classes: 2 },
    part: Uint8Array.from(labels, (_, i) => PART[part(i)]),
    modalities: new Map(
      holds.map((id, m) => {
        const lacks = (i: number) => m === 0 && holds.length > 1 && i % 4 === 3;
        let next = 0;
        const row = Int32Array.from(labels, (_, i) => (lacks(i) ? -1 : next++));
        const lean = (label: number) => [10 + 2 * label + random.normal(), 0.1 * random.normal() - label];
        const values = [...labels].flatMap((label, i) => (lacks(i) ? [] : lean(label)));
        return [id, { row, itemShape: [2], values: Float32Array.from(values) }];
      }),
    ),
    groups: new Map(),
  };
}

export function hospitalCohorts(hospitals: readonly Hospital[] = HOSPITALS): SiteCohort[] {
  return hospitals.map(hospitalCohort);
}
