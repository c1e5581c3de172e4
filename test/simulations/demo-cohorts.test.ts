import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SiteCohort } from '../../client/data/cohort.ts';
import { PART } from '../../client/data/cohort.ts';
import { inMemory } from '../../client/data/rows.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { modalityId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { hashSubwords } from '../../shared/model/text-tokens.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import {
  DEMO_HOSPITALS,
  DEMO_SPLIT,
  type DemoHospital,
  type DemoModality,
  demoCohorts,
  demoHospitals,
} from '../../simulations/cohorts/demo.ts';
import { writeNote } from '../../simulations/cohorts/demo-note.ts';
import { type DemoLatents, drawPatient } from '../../simulations/cohorts/demo-patient.ts';

const { cohorts } = demoHospitals({ seed: 7 });
const VIEWS = ['image', 'labs', 'note', 'waveform'] as const;

describe('demoHospitals', () => {
  it('gives the same bytes for the same seed and others for another', () => {
    expect(fingerprint(demoCohorts({ seed: 7 }))).toBe(fingerprint(cohorts));
    expect(fingerprint(demoCohorts({ seed: 8 }))).not.toBe(fingerprint(cohorts));
  });

  it('gives a hospital the same patients whatever other hospitals there are', () => {
    expect(fingerprint(demoCohorts({ seed: 7, sites: 2 }))).toBe(fingerprint(cohorts.slice(0, 2)));
  });

  it('repeats the six with other patients when more are asked for', () => {
    const eight = demoCohorts({ seed: 7, sites: 8 });
    expect(new Set(eight.map(({ site }) => site)).size).toBe(8);
    expect(fingerprint(eight.slice(6, 7))).not.toBe(fingerprint(eight.slice(0, 1)));
  });

  it('fits the study that ships', () => {
    const file = 'simulations/studies/demo/study.yaml';
    const study = parseStudy(readFileSync(file, 'utf8'), file);
    expect(study.evaluation.split).toEqual(DEMO_SPLIT);
    for (const modality of study.modalities) {
      const held = cohorts.flatMap((cohort) => cohort.modalities.get(modality.id) ?? []);
      const shape =
        modality.kind === 'tabular'
          ? [modality.features.length]
          : modality.kind === 'image'
            ? [modality.height, modality.width, modality.channels]
            : modality.kind === 'signal'
              ? [modality.samples, modality.channels]
              : modality.kind === 'text'
                ? [modality.tokens]
                : [];
      for (const values of held) expect(values.itemShape).toEqual(shape);
      if (modality.kind === 'text') {
        expect(Math.max(...held.flatMap((values) => [...inMemory(values)]))).toBeLessThan(modality.buckets);
      }
      if (modality.kind === 'tabular')
        for (const values of held) expectInRange(inMemory(values), modality.features);
    }
    expect(study.evaluation.groups.map(({ name }) => name)).toEqual([
      ...(cohorts[0] as SiteCohort).groups.keys(),
    ]);
  });

  it('fills each modality with as many rows as patients have it, all finite except missing cells', () => {
    for (const { modalities, patientIds } of cohorts) {
      for (const [name, held] of modalities) {
        const { row, itemShape } = held;
        const cells = inMemory(held);
        expect(row.length).toBe(patientIds.length);
        const rows = row.filter((index) => index >= 0);
        expect([...rows]).toEqual(Array.from(rows, (_, i) => i));
        expect(cells.length).toBe(rows.length * itemShape.reduce((a, b) => a * b, 1));
        if (name !== 'labs') expect(cells.every((value) => Number.isFinite(value))).toBe(true);
      }
    }
  });

  it('has the waveform at two hospitals only, and no patient without anything', () => {
    expect(cohorts.filter(({ modalities }) => modalities.has(modalityId('waveform'))).length).toBe(2);
    for (const { modalities, patientIds } of cohorts) {
      const any = patientIds.map((_, i) =>
        [...modalities.values()].some(({ row }) => (row[i] as number) >= 0),
      );
      expect(any.every(Boolean)).toBe(true);
    }
  });

  it('misses each modality as often as the hospital states', () => {
    for (const [i, hospital] of DEMO_HOSPITALS.entries()) {
      for (const [name, stated] of Object.entries(hospital.missing)) {
        const { row } = values(cohorts[i] as SiteCohort, name as DemoModality);
        const achieved = row.filter((index) => index < 0).length / row.length;
        // Four standard errors, and .06 because prevalence moves what decides, and nobody may miss everything.
        const tolerance = 0.06 + 4 * Math.sqrt((stated * (1 - stated)) / row.length);
        expect(Math.abs(achieved - stated), `${hospital.name} ${name}: ${achieved}`).toBeLessThan(tolerance);
      }
    }
  });

  it('misses the image more often in older patients: at random given what is observed', () => {
    const many = demoHospitals({ seed: 3, sites: 12 });
    const missing = (band: (ageYears: number) => boolean): number => {
      const flags = many.cohorts.flatMap((cohort) => {
        const image = cohort.modalities.get(modalityId('image'));
        const latents = many.truth.latents.get(cohort.site) as readonly DemoLatents[];
        return latents.flatMap((l, i) =>
          image && band(l.ageYears) ? [(image.row[i] as number) < 0 ? 1 : 0] : [],
        );
      });
      return flags.reduce<number>((a, b) => a + b, 0) / flags.length;
    };
    expect(missing((age) => age > 65)).toBeGreaterThan(1.8 * missing((age) => age < 50));
  });

  it('has the stated prevalence at each hospital', () => {
    for (const [i, cohort] of cohorts.entries()) {
      const { patients, prevalence } = DEMO_HOSPITALS[i] as DemoHospital;
      const ill = [...(cohort.labels as { values: Int32Array }).values].reduce((a, b) => a + b, 0);
      const sigma = Math.sqrt(patients * prevalence * (1 - prevalence));
      expect(Math.abs(ill - patients * prevalence)).toBeLessThan(4 * sigma);
    }
  });

  it('splits by the hash of the patient id in about the stated shares', () => {
    const parts = cohorts.flatMap(({ part }) => [...part]);
    const share = (wanted: number) => parts.filter((part) => part === wanted).length / parts.length;
    // 1,400 patients: four standard errors are .046.
    expect(Math.abs(share(PART.test) - DEMO_SPLIT.test)).toBeLessThan(0.046);
    expect(Math.abs(share(PART.validation) - DEMO_SPLIT.validation)).toBeLessThan(0.046);
  });

  it('hides the disease so that no modality suffices and all together nearly do', () => {
    const all = Array.from({ length: 4000 }, (_, i) => drawPatient(seededRandom('truth', i), 0.4));
    const half = all.length / 2;
    const auc = (views: readonly (typeof VIEWS)[number][]): number => {
      const inputs = all.map(({ seen }) => views.map((view) => seen[view]));
      const labels = all.map(({ disease }) => disease);
      const weights = logistic(inputs.slice(0, half), labels.slice(0, half));
      return rankAuc(
        inputs.slice(half).map((input) => dot(weights, input)),
        labels.slice(half),
      );
    };
    for (const view of VIEWS) {
      expect(auc([view]), view).toBeGreaterThan(0.68);
      expect(auc([view]), view).toBeLessThan(0.83);
    }
    expect(auc(VIEWS)).toBeGreaterThan(0.9);
    expect(auc(VIEWS)).toBeLessThan(0.97);
  });
});

describe('writeNote', () => {
  it('fits the tokens of the demo, the longest note too', () => {
    for (let i = 0; i < 500; i++) {
      const note = writeNote(seededRandom('note', i), 8 * (i % 2) - 2);
      expect(hashSubwords(note, { buckets: 1024, tokens: 64 })[40], note).toBe(0);
    }
  });
});

function expectInRange(
  values: ArrayLike<number>,
  features: readonly { readonly range?: readonly [number, number]; readonly levels?: readonly unknown[] }[],
): void {
  for (let i = 0; i < values.length; i++) {
    const { range, levels } = features[i % features.length] as (typeof features)[number];
    const value = values[i] as number;
    const [least, most] = range ?? [0, (levels as readonly unknown[]).length - 1];
    if (!Number.isNaN(value))
      expect(value >= least && value <= most, `${i % features.length}: ${value}`).toBe(true);
  }
}

function values(cohort: SiteCohort, name: DemoModality) {
  const found = cohort.modalities.get(modalityId(name));
  if (found === undefined) throw new Error(`${cohort.site} lacks ${name}`);
  return found;
}

function fingerprint(sites: readonly SiteCohort[]): string {
  return sha256(
    ...sites.flatMap((cohort) => [
      cohort.site,
      ...cohort.patientIds,
      bytesOf((cohort.labels as { values: Int32Array }).values),
      cohort.part,
      ...[...cohort.modalities.values()].flatMap((held) => [bytesOf(held.row), bytesOf(inMemory(held))]),
      ...[...cohort.groups.values()].map(({ index }) => bytesOf(index)),
    ]),
  );
}

/** Plain logistic regression with an intercept, by gradient descent; the last weight is the intercept. */
function logistic(inputs: readonly (readonly number[])[], labels: readonly number[]): number[] {
  const width = (inputs[0] as readonly number[]).length;
  const weights = new Array<number>(width + 1).fill(0);
  for (let step = 0; step < 100; step++) {
    const gradient = new Array<number>(width + 1).fill(0);
    for (const [i, input] of inputs.entries()) {
      const error = 1 / (1 + Math.exp(-dot(weights, input))) - (labels[i] as number);
      for (const [j, x] of [...input, 1].entries()) gradient[j] = (gradient[j] as number) + error * x;
    }
    for (let j = 0; j <= width; j++)
      weights[j] = (weights[j] as number) - (gradient[j] as number) / inputs.length;
  }
  return weights;
}

function dot(weights: readonly number[], input: readonly number[]): number {
  return input.reduce((sum, x, j) => sum + (weights[j] as number) * x, weights.at(-1) as number);
}

/** The share of pairs of an ill and a well patient that the score puts in the right order. */
function rankAuc(scores: readonly number[], labels: readonly number[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  const ill = labels.filter((label) => label === 1).length;
  const rankSum = order.reduce((sum, i, rank) => sum + (labels[i] === 1 ? rank + 1 : 0), 0);
  return (rankSum - (ill * (ill + 1)) / 2) / (ill * (labels.length - ill));
}
