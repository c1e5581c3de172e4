import { describe, expect, it } from 'vitest';
import { privacyReport } from '../../../simulations/analysis/privacy-report.ts';
import type { BaselinePlan } from '../../../simulations/baselines/baseline.ts';
import { PRIVACY_SETTINGS } from '../../../simulations/experiments/privacy-settings.ts';
import { hospitalCohorts, hospitalStudy } from '../../helpers/small-hospitals.ts';

const cohorts = hospitalCohorts();
/** Noise needs declared ranges. */
const RANGES = [
  'modalities.ct.features={density: {range: [0, 20]}, volume: {range: [-2, 2]}}',
  'modalities.ecg.features={rate: {range: [0, 20]}, axis: {range: [-2, 2]}}',
  'modalities.labs.features={sodium: {range: [0, 20]}, glucose: {range: [-2, 2]}}',
];
const study = hospitalStudy(...RANGES);

function plansOf(of = study): readonly BaselinePlan[] {
  return PRIVACY_SETTINGS.map(({ baseline }) => baseline.prepare({ study: of, cohorts }));
}

function studyOf(plan: BaselinePlan | undefined) {
  if (plan?.kind !== 'federation') throw new Error('expected a federation');
  return plan.study;
}

describe('the experiment privacy', () => {
  it('goes from no noise to epsilon 8, 3 and 1', () => {
    expect(PRIVACY_SETTINGS.map(({ epsilon }) => epsilon)).toEqual([null, 8, 3, 1]);
    expect(plansOf().map((plan) => studyOf(plan).privacy.record?.noise)).toEqual([
      undefined,
      ...[8, 3, 1].map((epsilon) => ({ kind: 'epsilon', epsilon })),
    ]);
  });

  it('masks every one of them, over three sites at least and with no exact number of patients', () => {
    for (const plan of plansOf()) {
      const { privacy, merge } = studyOf(plan);
      expect(privacy.secureAggregation).toBe(true);
      expect(merge).toMatchObject({ minHolders: 3, weights: 'bucketed' });
    }
  });

  it('trains as the study does where there is no noise, also where the study has some of its own', () => {
    expect(studyOf(plansOf()[0]).training).toEqual(study.training);
    const own = {
      ...study,
      privacy: {
        secureAggregation: false,
        record: { clip: 2, noise: { kind: 'multiplier', multiplier: 4 } as const },
      },
    };
    expect(studyOf(plansOf(own)[0]).privacy).toEqual({ secureAggregation: true });
    expect(studyOf(plansOf(own)[2]).privacy.record).toEqual({
      clip: 2,
      noise: { kind: 'epsilon', epsilon: 3 },
    });
  });

  it('cannot be run where sites are merged by more than their sum', () => {
    const robust = { ...study, merge: { ...study.merge, robust: { kind: 'median' } as const } };
    for (const plan of plansOf(robust)) {
      expect(plan).toMatchObject({ kind: 'impossible', reason: expect.stringContaining('median') });
    }
  });

  it('claims at each site no more than was asked for, and nothing without noise', () => {
    const report = privacyReport(PRIVACY_SETTINGS, {
      study,
      cohorts,
      runsOf: () => [],
      rowOf: ({ name: id, title }) => ({
        id,
        title,
        kind: 'baseline',
        perSeed: [],
        interval: null,
        difference: null,
      }),
    });
    expect(report.settings.map(({ claims }) => claims.length)).toEqual([0, 4, 4, 4]);
    for (const { epsilon, claims } of report.settings) {
      for (const claim of claims) {
        expect(claim.epsilon).toBeLessThanOrEqual(epsilon as number);
        expect(claim.epsilon).toBeGreaterThan(0.98 * (epsilon as number));
      }
    }
    // Less epsilon takes more noise.
    const noise = report.settings.slice(1).map(({ claims }) => claims[0]?.multiplier as number);
    expect(noise).toEqual([...noise].sort((a, b) => a - b));
    expect(new Set(noise).size).toBe(3);
  });
});
