import { describe, expect, it } from 'vitest';
import { siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { aucOf, membershipReport, truePositives } from '../../simulations/audit/model-membership.ts';
import { patientLosses } from '../../simulations/audit/patient-losses.ts';
import { runFederation } from '../../simulations/engine/federation.ts';
import { inlinePool } from '../../simulations/engine/inline-pool.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { type SmallPatient, smallCohort, smallStudy } from '../helpers/small-study.ts';

describe('D6: membership by the published model', () => {
  it('D6: is seen where a model learned its few patients by heart, rarest pattern and all', async () => {
    const random = seededRandom('by heart');
    // Labels that follow from nothing: whoever predicts them has seen them.
    const patients = Array.from(
      { length: 60 },
      (_, i): SmallPatient => ({
        part: i % 2 === 0 ? 'train' : 'test',
        label: random.below(2),
        labs: [random.normal(), random.below(3)],
        scan: i % 4 < 2 ? random.normal() : null,
      }),
    );
    const cohorts = [smallCohort('north', patients), smallCohort('south', patients.slice(0, 58))];
    const pool = await inlinePool();
    const small = smallStudy();
    const study = {
      ...small,
      modalities: small.modalities.map((each) => ({ ...each, hidden: [32] })) as never,
      training: {
        ...small.training,
        rounds: 6,
        duration: { kind: 'epochs', count: 40 } as const,
        optimizer: { kind: 'adam', learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const,
        modalityDropout: 0,
      },
    };
    const model = await runFederation({
      study,
      cohorts,
      scenario: CALM,
      pool,
      storage: transientStorage('last-three'),
      signal: new AbortController().signal,
    });
    const { rows } = await membershipReport(model, cohorts, pool);
    expect(rows.map(({ pattern }) => pattern)).toEqual(['all', ['labs'], ['labs', 'scan']]);
    const [all] = rows;
    // 30 and 29 train, as many test; fewer than 100 others give no rate at 1 % false positives.
    expect([all?.members, all?.others, all?.tpr]).toEqual([59, 59, null]);
    expect(all?.aucInterval?.[0]).toBeGreaterThan(0.6);
  });

  it('D6: is not judged at fewer than 11 patients on a side', async () => {
    const patients = Array.from(
      { length: 20 },
      (_, i): SmallPatient => ({
        part: i % 2 === 0 ? 'train' : 'test',
        label: i % 3 === 0 ? 1 : 0,
        labs: [i, 1],
        scan: i,
      }),
    );
    const pool = await inlinePool();
    const study = smallStudy();
    const cohorts = ['north', 'south'].map((site) => ({
      ...smallCohort(site, patients),
      site: siteId(site),
    }));
    const model = await runFederation({
      study: { ...study, training: { ...study.training, rounds: 1 } },
      cohorts,
      scenario: CALM,
      pool,
      storage: transientStorage('last-three'),
      signal: new AbortController().signal,
    });
    const { rows, reason } = await membershipReport(model, cohorts.slice(0, 1), pool);
    expect([rows.length, reason]).toEqual([0, 'fewer than 11 patients on a side']);
  });
});

describe('aucOf', () => {
  it('counts pairs in the right order, ties as half', () => {
    // 3 beats 1 and 2; 2 beats 1 and ties 2: (2 + 1.5) / 4.
    expect(aucOf(Float64Array.of(3, 2), Float64Array.of(1, 2))).toBe(0.875);
    // Members that tie with each other each count for themselves.
    expect(aucOf(Float64Array.of(2, 2, 0), Float64Array.of(2, 1))).toBe((1.5 + 1.5 + 0) / 6);
  });
});

describe('truePositives', () => {
  it('finds members above what one in a hundred others reaches', () => {
    const others = Float64Array.from({ length: 100 }, (_, i) => i);
    // One of 100 others may pass: the threshold is 98.
    expect(truePositives(Float64Array.of(98, 99, 120, 0), others, 0.01)).toBe(0.5);
  });
});

describe('patientLosses', () => {
  it('is the surprise at the label', () => {
    const labels = { kind: 'class', values: Int32Array.of(1, 0), classes: 2 } as const;
    const losses = patientLosses({ kind: 'binary', label: 'ill' }, Float32Array.of(0.25, 0.25), labels);
    expect(losses[0]).toBeCloseTo(Math.log(4), 6);
    expect(losses[1]).toBeCloseTo(-Math.log(0.75), 6);
  });
});
