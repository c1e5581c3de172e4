import type { SeededRandom } from '../../shared/core/random.ts';

interface Marker {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
  /** Correlation with severity within the well and within the ill. */
  readonly weight: number;
}

/** In the order of the study's features; after them `smoking`. */
export const DEMO_MARKERS: readonly Marker[] = [
  { name: 'systolic', mean: 128, deviation: 15, weight: 0.65 },
  { name: 'glucose', mean: 5.6, deviation: 1.1, weight: 0.7 },
  { name: 'creatinine', mean: 82, deviation: 18, weight: 0.7 },
  { name: 'crp', mean: 9, deviation: 4, weight: 0.8 },
  { name: 'hemoglobin', mean: 138, deviation: 12, weight: -0.65 },
  { name: 'cholesterol', mean: 5.1, deviation: 0.9, weight: 0.3 },
];

/** Levels of the categorical feature, as in the study. */
export const DEMO_SMOKING = ['never', 'former', 'current'] as const;

/** A cell is not measured with this probability, whatever the patient. */
export const DEMO_CELL_MISSING = 0.08;

/**
 * Six measurements and the level of `smoking`; NaN where a cell was not measured.
 * @param bias added to every measurement, in its deviations: another laboratory.
 * @returns also `crp` in deviations from its mean: what a doctor sees before ordering more.
 */
export function drawLabs(
  random: SeededRandom,
  seen: number,
  bias: number,
): { row: Float32Array; crp: number } {
  const scores = DEMO_MARKERS.map(
    ({ weight }) => weight * seen + Math.sqrt(1 - weight * weight) * random.normal(),
  );
  const row = new Float32Array(DEMO_MARKERS.length + 1);
  for (const [i, { mean, deviation }] of DEMO_MARKERS.entries()) {
    row[i] = Math.max(0.1, mean + deviation * ((scores[i] as number) + bias));
  }
  const habit = random.uniform() + 0.08 * seen;
  row[DEMO_MARKERS.length] = habit < 0.5 ? 0 : habit < 0.8 ? 1 : 2;
  for (let i = 0; i < row.length; i++) if (random.uniform() < DEMO_CELL_MISSING) row[i] = Number.NaN;
  return { row, crp: scores[3] as number };
}
