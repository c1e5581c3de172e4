import type { ModalityValues, SiteCohort } from '../../client/data/cohort.ts';
import { hashPart, type SplitShares } from '../../client/data/split.ts';
import { modalityId, type SiteId, siteId } from '../../shared/core/ids.ts';
import { type SeededRandom, seededRandom } from '../../shared/core/random.ts';
import { hashSubwords } from '../../shared/model/text-tokens.ts';
import { type Camera, DEMO_IMAGE, drawImage } from './demo-image.ts';
import { DEMO_MARKERS, drawLabs } from './demo-labs.ts';
import { writeNote } from './demo-note.ts';
import { type DemoLatents, drawPatient } from './demo-patient.ts';
import { DEMO_WAVEFORM, drawWaveform } from './demo-waveform.ts';

/** As in `simulations/studies/demo/study.yaml`; a test holds the two to each other. */
export const DEMO_TEXT = { tokens: 40, buckets: 1024 } as const;
export const DEMO_SPLIT: SplitShares = { test: 0.25, validation: 0.15 };

export type DemoModality = 'image' | 'labs' | 'note' | 'waveform';

export interface DemoHospital {
  readonly name: string;
  readonly patients: number;
  /** Share of its patients that are ill. */
  readonly prevalence: number;
  /** What it holds, with the share of its patients who miss it, over all ages. */
  readonly missing: Readonly<Partial<Record<DemoModality, number>>>;
  readonly camera: Camera;
  /** Shift of its laboratory, in standard deviations. */
  readonly labBias: number;
  readonly amplifier: number;
}

/** Six invented hospitals; only two record waveforms. */
export const DEMO_HOSPITALS: readonly DemoHospital[] = [
  {
    name: 'aldermoor',
    patients: 400,
    prevalence: 0.45,
    missing: { image: 0.15, labs: 0.1, note: 0.15, waveform: 0.2 },
    camera: { gain: 1, cast: [0, 0, 0] },
    labBias: 0,
    amplifier: 1,
  },
  {
    name: 'brightwater',
    patients: 320,
    prevalence: 0.3,
    missing: { image: 0.2, labs: 0.1, note: 0.2 },
    camera: { gain: 0.9, cast: [0.04, 0, -0.02] },
    labBias: 0.2,
    amplifier: 1,
  },
  {
    name: 'calderdale',
    patients: 260,
    prevalence: 0.25,
    missing: { labs: 0.1, note: 0.2 },
    camera: { gain: 1, cast: [0, 0, 0] },
    labBias: -0.2,
    amplifier: 1,
  },
  {
    name: 'dunmere',
    patients: 200,
    prevalence: 0.55,
    missing: { image: 0.2, labs: 0.15, waveform: 0.15 },
    camera: { gain: 1, cast: [0, 0, 0] },
    labBias: 0.1,
    amplifier: 1.15,
  },
  {
    name: 'eastholm',
    patients: 140,
    prevalence: 0.6,
    missing: { image: 0.15, note: 0.1 },
    camera: { gain: 1.1, cast: [-0.02, 0.03, 0.02] },
    labBias: 0,
    amplifier: 1,
  },
  {
    name: 'foxbridge',
    patients: 80,
    prevalence: 0.35,
    missing: { image: 0.2, labs: 0.15 },
    camera: { gain: 0.95, cast: [0, 0.02, 0.04] },
    labBias: -0.1,
    amplifier: 1,
  },
];

/** What the generator knows and no site does. */
export interface DemoTruth {
  /** In the order of the cohort's patients. */
  readonly latents: ReadonlyMap<SiteId, readonly DemoLatents[]>;
}

export interface DemoOptions {
  readonly seed: number;
  /** The first so many hospitals, at least 1; beyond six they repeat with other patients. 6 by default. */
  readonly sites?: number;
  readonly split?: SplitShares;
}

/** The hospitals' own data, as {@link demoHospitals} without the truth. */
export function demoCohorts(options: DemoOptions): SiteCohort[] {
  return demoHospitals(options).cohorts;
}

/**
 * Generates the demo's hospitals. Each patient has a stream of random numbers of their own, so a patient is the same
 * whatever other hospitals there are.
 *
 * Whole modalities are missing at random given what is observed: age for image (older: more often), waveform and labs
 * (older: less often), and the CRP of the labs for the note (higher: less often). Nobody misses everything.
 */
export function demoHospitals(options: DemoOptions): { cohorts: SiteCohort[]; truth: DemoTruth } {
  const count = options.sites ?? DEMO_HOSPITALS.length;
  const generated = Array.from({ length: count }, (_, i) => {
    const hospital = DEMO_HOSPITALS[i % DEMO_HOSPITALS.length] as DemoHospital;
    const lap = Math.floor(i / DEMO_HOSPITALS.length);
    const site = siteId(lap === 0 ? hospital.name : `${hospital.name}-${lap + 1}`);
    return generate(hospital, site, options);
  });
  return {
    cohorts: generated.map(({ cohort }) => cohort),
    truth: { latents: new Map(generated.map(({ cohort, latents }) => [cohort.site, latents])) },
  };
}

/**
 * The probability that a patient misses a modality, `rate` being the mean over the hospital's patients.
 * @param score of what decides, about standard normal.
 */
export function missingProbability(
  modality: DemoModality,
  rate: number,
  score: { age: number; crp: number },
): number {
  const lean = modality === 'note' ? -score.crp : modality === 'image' ? score.age : -score.age;
  return Math.min(0.95, rate * Math.max(0, 1 + 0.7 * Math.max(-1.4, Math.min(1.4, lean))));
}

const AGE_BANDS = ['under 50', '50-64', '65 and over'] as const;

function generate(
  hospital: DemoHospital,
  site: SiteId,
  { seed, split = DEMO_SPLIT }: DemoOptions,
): { cohort: SiteCohort; latents: DemoLatents[] } {
  const held = Object.keys(hospital.missing) as DemoModality[];
  const rows = new Map(held.map((modality) => [modality, [] as (Rows | undefined)[]]));
  const latents: DemoLatents[] = [];
  const patientIds: string[] = [];
  for (let i = 0; i < hospital.patients; i++) {
    const random = seededRandom('demo', seed, site, i);
    const patient = drawPatient(random, hospital.prevalence);
    const labs = drawLabs(random, patient.seen.labs, hospital.labBias);
    const score = { age: (patient.ageYears - 58) / 13, crp: (labs.crp - 0.4) / 1.1 };
    const present = presentOf(held, { hospital, score, random: seededRandom('demo-missing', seed, site, i) });
    for (const modality of held) {
      const drawn = present.has(modality)
        ? measure(modality, {
            patient,
            hospital,
            labs: labs.row,
            random: seededRandom('demo', modality, seed, site, i),
          })
        : undefined;
      rows.get(modality)?.push(drawn);
    }
    latents.push(patient);
    patientIds.push(`${site}-${String(i + 1).padStart(4, '0')}`);
  }
  const cohort: SiteCohort = {
    site,
    patientIds,
    labels: { kind: 'class', values: Int32Array.from(latents, ({ disease }) => disease), classes: 2 },
    part: Uint8Array.from(patientIds, (id) => hashPart(`demo/${seed}`, id, split)),
    modalities: new Map([...rows].map(([name, drawn]) => [modalityId(name), pack(name, drawn)])),
    groups: new Map([
      ['sex', { levels: ['female', 'male'], index: Int16Array.from(latents, ({ sex }) => sex) }],
      ['age', { levels: AGE_BANDS, index: Int16Array.from(latents, ({ ageYears }) => bandOf(ageYears)) }],
    ]),
  };
  return { cohort, latents };
}

type Rows = Float32Array | Int32Array;

function bandOf(ageYears: number): number {
  return ageYears < 50 ? 0 : ageYears < 65 ? 1 : 2;
}

function presentOf(
  held: readonly DemoModality[],
  context: { hospital: DemoHospital; score: { age: number; crp: number }; random: SeededRandom },
): ReadonlySet<DemoModality> {
  const { hospital, score, random } = context;
  const present = new Set(
    held.filter(
      (modality) =>
        !(random.uniform() < missingProbability(modality, hospital.missing[modality] ?? 0, score)),
    ),
  );
  const kept = held[random.below(held.length)] as DemoModality;
  return present.size > 0 ? present : new Set([kept]);
}

function measure(
  modality: DemoModality,
  context: { patient: DemoLatents; hospital: DemoHospital; labs: Float32Array; random: SeededRandom },
): Rows {
  const { patient, hospital, labs, random } = context;
  switch (modality) {
    case 'image':
      return drawImage(random, patient.seen.image, hospital.camera);
    case 'waveform':
      return drawWaveform(random, patient.seen.waveform, hospital.amplifier);
    case 'note':
      return hashSubwords(writeNote(random, patient.seen.note), DEMO_TEXT);
    case 'labs':
      return labs;
  }
}

const ITEM_SHAPE: Readonly<Record<DemoModality, readonly number[]>> = {
  image: [DEMO_IMAGE.height, DEMO_IMAGE.width, DEMO_IMAGE.channels],
  labs: [DEMO_MARKERS.length + 1],
  note: [DEMO_TEXT.tokens],
  waveform: [DEMO_WAVEFORM.samples, DEMO_WAVEFORM.channels],
};

/** One row for each patient who has the modality, in the order of patients. */
function pack(modality: DemoModality, drawn: readonly (Rows | undefined)[]): ModalityValues {
  const itemShape = ITEM_SHAPE[modality];
  const size = itemShape.reduce((product, length) => product * length, 1);
  const present = drawn.filter((row) => row !== undefined);
  const values =
    modality === 'note' ? new Int32Array(present.length * size) : new Float32Array(present.length * size);
  for (const [i, row] of present.entries()) values.set(row, i * size);
  let next = 0;
  return { row: Int32Array.from(drawn, (row) => (row === undefined ? -1 : next++)), itemShape, values };
}
