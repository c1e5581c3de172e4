import { type ModalityValues, PART, type SiteCohort } from '../../client/data/cohort.ts';
import { modalityId, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';

const MODALITIES = ['first', 'second', 'third'] as const;
const FEATURES = 20;

/** The task on which the speed of simulators is compared: three modalities of 20 numbers, one binary label. */
export interface TabularTask {
  readonly seed: number;
  /** 100 by default. */
  readonly patientsPerSite?: number;
}

/**
 * One virtual site; all its patients are training patients and have all modalities. Made alone, so that a thousand
 * sites need not exist at once. The label is a noisy linear function of all 60 features.
 */
export function tabularTaskSite(task: TabularTask, index: number): SiteCohort {
  const patients = task.patientsPerSite ?? 100;
  const random = seededRandom('tabular-task', task.seed, index);
  const slopes = taskSlopes(task.seed);
  const columns = MODALITIES.map(() =>
    Float32Array.from({ length: patients * FEATURES }, () => random.normal()),
  );
  const values = Int32Array.from({ length: patients }, (_, patient) => {
    let score = random.normal();
    for (const [m, rows] of columns.entries()) {
      for (let f = 0; f < FEATURES; f++) {
        score += (slopes[m * FEATURES + f] as number) * (rows[patient * FEATURES + f] as number);
      }
    }
    return score > 0 ? 1 : 0;
  });
  const row = Int32Array.from({ length: patients }, (_, i) => i);
  const modality = (rows: Float32Array): ModalityValues => ({ row, itemShape: [FEATURES], values: rows });
  return {
    site: siteId(`site-${String(index + 1).padStart(4, '0')}`),
    patientIds: Array.from(row, (i) => String(i + 1)),
    labels: { kind: 'class', values, classes: 2 },
    part: new Uint8Array(patients).fill(PART.train),
    modalities: new Map(
      MODALITIES.map((name, m) => [modalityId(name), modality(columns[m] as Float32Array)]),
    ),
    groups: new Map(),
  };
}

/** All sites at once: 240 bytes a patient, so 24 MB for a thousand sites of 100. */
export function tabularTaskCohorts(task: TabularTask & { readonly sites: number }): SiteCohort[] {
  return Array.from({ length: task.sites }, (_, index) => tabularTaskSite(task, index));
}

/**
 * As the peers ran it: one local epoch of plain SGD in batches of 32 (4 steps for 100 patients), plain FedAvg, no
 * evaluation. Three encoders of one hidden layer of 64 have as many parameters as their one network of 60-64-32-1.
 */
export function tabularTaskStudy(options: { readonly seed: number; readonly rounds: number }): Study {
  const features = Array.from({ length: FEATURES }, (_, i) => `x${i + 1}`).join(', ');
  const modalities = MODALITIES.map(
    (name) => `  ${name}: { kind: tabular, features: [${features}], hidden: [64] }`,
  );
  const text = `
study: tabular-task
seed: ${options.seed}
task: { kind: binary, label: label }
modalities:
${modalities.join('\n')}
model: { embedding: 8, siteBias: false }
training: { rounds: ${options.rounds}, epochs: 1, batch: 32, optimizer: { kind: sgd, learningRate: 0.05 }, modalityDropout: 0, unimodalLoss: 0 }
merge: { rarityExponent: 0, minHolders: 1, minPatients: 1 }
evaluation: { split: { test: 0, validation: 0 }, subsets: [[first, second, third]], every: 1000000 }
`;
  return parseStudy(text, 'tabular-task.yaml');
}

/** The same for all sites, of total length 3, so that the noise of 1 leaves an accuracy of at most 1 - atan(1/3)/pi = .90. */
function taskSlopes(seed: number): Float64Array {
  const random = seededRandom('tabular-task-slopes', seed);
  const slopes = Float64Array.from({ length: MODALITIES.length * FEATURES }, () => random.normal());
  const norm = Math.sqrt(slopes.reduce((sum, slope) => sum + slope * slope, 0));
  return slopes.map((slope) => (3 * slope) / norm);
}
