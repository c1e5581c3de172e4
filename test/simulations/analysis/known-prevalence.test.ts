import { describe, expect, it } from 'vitest';
import { atKnownPrevalence } from '../../../simulations/analysis/known-prevalence.ts';
import type { ScoredPatients } from '../../../simulations/statistics/scored-patients.ts';

function scored(scores: number[], labels: number[]): ScoredPatients {
  return {
    site: 'north',
    n: scores.length,
    scores: Float32Array.from(scores),
    labels: { kind: 'class', values: Int32Array.from(labels), classes: 2 },
    indices: Int32Array.from(scores, (_, i) => i),
  };
}

describe('atKnownPrevalence', () => {
  it('adds the log-odds of the prevalence to the log-odds of each patient', () => {
    // One of five is ill, q = .2: odds of .2 / .8 = 1/4. p = .5 has odds 1, then 1/4, so .2; p = .8 odds 4, then 1.
    const { scores } = atKnownPrevalence(scored([0.5, 0.8, 0, 1, 0.5], [0, 1, 0, 0, 0]));
    const expected = [0.2, 0.5, 0, 1, 0.2];
    expected.forEach((value, i) => {
      expect(scores[i]).toBeCloseTo(value, 6);
    });
  });

  it('leaves probabilities alone where all patients are of one class', () => {
    const site = scored([0.25, 0.75], [1, 1]);
    expect(atKnownPrevalence(site).scores).toEqual(site.scores);
  });
});
