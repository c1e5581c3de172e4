import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteId } from '../../shared/core/ids.ts';
import { emptySums, mergeSums, sumsOf } from '../../shared/metrics/accumulate.ts';
import { metricOf, metricsOf } from '../../shared/metrics/metrics.ts';
import type { ClassSums, RegressionSums, SurvivalSums } from '../../shared/metrics/sums.ts';
import { exactMetrics, prepareMetrics } from '../../simulations/statistics/exact-metrics.ts';
import {
  pairwiseAuc,
  slowAveragePrecision,
  slowBalancedAccuracy,
  slowCalibrationSlope,
  slowConcordance,
  slowInTheLarge,
  slowMacroF1,
} from '../reference/slow-metrics.ts';

const BINARY = { kind: 'binary' } as const;

function binarySums(scores: readonly number[], truths: readonly number[]): ClassSums {
  return sumsOf(BINARY, Float32Array.from(scores), {
    kind: 'class',
    values: Int32Array.from(truths),
  }) as ClassSums;
}

function binary(scores: readonly number[], truths: readonly number[]) {
  return metricsOf(binarySums(scores, truths), BINARY);
}

/** A patient's probability, off the edges of the bins, and truth. */
const patient = fc.record({
  score: fc.integer({ min: 0, max: 4999 }).map((n) => Math.fround((n + 0.5) / 5000)),
  truth: fc.constantFrom(0, 1),
});

/** Four probabilities of which one is the largest, and a class. */
const multiclassPatient = fc.record({
  row: fc
    .uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 4, maxLength: 4 })
    .map((row) => row.map((n) => Math.fround((n + 0.5) / 1000))),
  label: fc.nat(3),
});

describe('metricsOf, binary', () => {
  it('gives the figures of a hand example', () => {
    // Positives at .9, .6, .3; negatives at .7, .2. Of 6 pairs .9 wins 2, .6 wins 1, .3 wins 1: 4/6.
    const values = binary([0.9, 0.6, 0.3, 0.7, 0.2], [1, 1, 1, 0, 0]);
    expect(values['auroc']).toBeCloseTo(4 / 6, 12);
    // At .5: called .9 (+), .6 (+), .7 (-): accuracy 3/5; sensitivity 2/3, specificity 1/2.
    expect(values['accuracy']).toBeCloseTo(3 / 5, 12);
    expect(values['balancedAccuracy']).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
    // 2·2 / (2·2 + 1 + 1).
    expect(values['f1']).toBeCloseTo(4 / 6, 12);
    expect(values['brier']).toBeCloseTo((0.01 + 0.16 + 0.49 + 0.49 + 0.04) / 5, 6);
    const losses = [0.9, 0.6, 0.3, 1 - 0.7, 1 - 0.2].map((p) => -Math.log(p));
    expect(values['logLoss']).toBeCloseTo(losses.reduce((a, b) => a + b) / 5, 6);
    // Down the ranking: .9 adds 1/3 at precision 1, .6 adds 1/3 at 2/3, .3 adds 1/3 at 3/4.
    expect(values['auprc']).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12);
    expect(values['prevalence']).toBeCloseTo(3 / 5, 12);
    // Five patients in five bins of one: mean |p - y|.
    expect(values['ece']).toBeCloseTo((0.1 + 0.4 + 0.7 + 0.7 + 0.2) / 5, 6);
  });

  it('judges a hospital with one negative among sixteen', () => {
    // The negative outranks 5 of 15 positives: AUROC 10/15, though 15 of 16 are called right by saying "all ill".
    const scores = Array.from({ length: 16 }, (_, i) => 0.6 + i * 0.02);
    const truths = scores.map((_, i) => (i === 5 ? 0 : 1));
    const values = binary(scores, truths);
    expect(values['auroc']).toBeCloseTo(10 / 15, 12);
    expect(values['accuracy']).toBeCloseTo(15 / 16, 12);
    expect(values['balancedAccuracy']).toBe(0.5);
  });

  it('has no AUROC with one class, and nothing without patients', () => {
    const values = binary([0.2, 0.8], [1, 1]);
    expect(values['auroc']).toBeNull();
    expect(values['auprc']).toBeNull();
    expect(values['balancedAccuracy']).toBeNull();
    expect(values['calibrationSlope']).toBeNull();
    expect(values['accuracy']).toBe(0.5);
    for (const value of Object.values(metricsOf(emptySums(BINARY), BINARY))) expect(value).toBeNull();
  });

  it('equals all pairs of binned scores, ties half', () => {
    fc.assert(
      fc.property(fc.array(patient, { maxLength: 60 }), (patients) => {
        const truths = patients.map(({ truth }) => truth);
        const scores = patients.map(({ score }) => score);
        const binned = scores.map((score) => Math.floor(score * 1000));
        const values = binary(scores, truths);
        expect(values['auroc']).toEqual(near(pairwiseAuc(binned, truths)));
        expect(values['auprc']).toEqual(near(slowAveragePrecision(binned, truths)));
      }),
    );
  });

  it('is off from the AUROC of the raw scores by no more than half of the pairs that share a bin', () => {
    fc.assert(
      fc.property(fc.array(patient, { minLength: 2, maxLength: 60 }), (patients) => {
        const truths = patients.map(({ truth }) => truth);
        const scores = patients.map(({ score }) => score);
        const exact = pairwiseAuc(scores, truths);
        fc.pre(exact !== null);
        const sums = binarySums(scores, truths);
        const output = sums.outputs[0] as ClassSums['outputs'][number];
        const tied = output.positive.reduce(
          (sum, count, bin) => sum + count * (output.negative[bin] as number),
          0,
        );
        const positives = truths.filter(Boolean).length;
        const bound = tied / 2 / (positives * (truths.length - positives));
        const binned = metricOf('auroc', sums, BINARY) as number;
        expect(Math.abs(binned - (exact as number))).toBeLessThanOrEqual(bound + 1e-12);
      }),
    );
  });

  it('finds slope and intercept of probabilities that are too sure', () => {
    // Groups whose true share is 1/2 ± 1/4 while .9 and .1 were said: logit(.75) / logit(.9) = .5, intercept 0.
    const scores = [...Array(400).fill(0.9), ...Array(400).fill(0.1)];
    const truths = scores.map((score, i) => (score > 0.5 ? Number(i % 4 !== 0) : Number(i % 4 === 0)));
    const values = binary(scores, truths);
    expect(values['calibrationSlope']).toBeCloseTo(Math.log(3) / Math.log(9), 5);
    expect(values['calibrationIntercept']).toBeCloseTo(0, 5);
  });

  it('finds an intercept where every risk is said too low', () => {
    // Odds are twice what was said, at .5 and .2: intercept log 2, slope 1.
    const scores = [...Array(300).fill(0.5), ...Array(300).fill(0.2)];
    const truths = scores.map((score, i) => Number(score > 0.3 ? i % 3 !== 0 : i % 3 === 0));
    const values = binary(scores, truths);
    expect(values['calibrationIntercept']).toBeCloseTo(Math.log(2), 4);
    expect(values['calibrationSlope']).toBeCloseTo(1, 4);
  });

  it('holds the slope at 1 for the intercept, which a free slope would hide', () => {
    const scores = [...Array(400).fill(0.9), ...Array(400).fill(0.5)];
    // Said .9 and .5, ill 1 of 2 each: a free slope is 0 with intercept 0. With slope 1, a + logit must expect half:
    // sigmoid(a + log 9) + sigmoid(a) = 1 where a = -log(9) / 2.
    const flat = scores.map((_, i) => i % 2);
    expect(binary(scores, flat)['calibrationSlope']).toBeCloseTo(0, 5);
    expect(binary(scores, flat)['calibrationIntercept']).toBeCloseTo(-Math.log(9) / 2, 5);
  });

  it('has no calibration slope where the classes are separated, but an intercept', () => {
    const values = binary([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]);
    expect(values['calibrationSlope']).toBeNull();
    // .9 and .1, .8 and .2: as many expected as there are.
    expect(values['calibrationIntercept']).toBeCloseTo(0, 6);
  });

  it('has the slope and the intercept that make the truths most likely', () => {
    // One score per bin, so that a bin's mean is its score; float32 scores and thirds leave 1e-5.
    const own = fc.record({
      score: fc.integer({ min: 2, max: 97 }).map((n) => Math.fround((n + 0.5) / 100)),
      truth: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(fc.array(own, { minLength: 4, maxLength: 25 }), (patients) => {
        const scores = patients.map(({ score }) => score);
        const truths = patients.map(({ truth }) => truth);
        fc.pre(truths.includes(0) && truths.includes(1));
        const values = binary(scores, truths);
        expect(values['calibrationIntercept']).toBeCloseTo(slowInTheLarge(scores, truths), 5);
        const slope = values['calibrationSlope'];
        if (slope === null || slope === undefined || Math.abs(slope) > 5) return;
        expect(slope).toBeCloseTo(slowCalibrationSlope(scores, truths), 4);
      }),
      { numRuns: 40 },
    );
  });
});

describe('mergeSums', () => {
  it('over any partition into sites equals the pooled sums', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(patient, fc.nat(3)), { maxLength: 80 }), (assigned) => {
        const sites = [0, 1, 2, 3].map((site) => assigned.filter(([, s]) => s === site).map(([p]) => p));
        const of = (list: readonly { score: number; truth: number }[]) =>
          binarySums(
            list.map(({ score }) => score),
            list.map(({ truth }) => truth),
          );
        const merged = mergeSums(BINARY, [...sites.map(of), undefined]) as ClassSums;
        const pooled = of(assigned.map(([p]) => p));
        expect(merged.patients).toBe(pooled.patients);
        expect(merged.correct).toBe(pooled.correct);
        expect(merged.outputs[0]?.positive).toEqual(pooled.outputs[0]?.positive);
        expect(merged.outputs[0]?.negative).toEqual(pooled.outputs[0]?.negative);
        const left = metricsOf(merged, BINARY);
        const right = metricsOf(pooled, BINARY);
        for (const name of ['auroc', 'auprc', 'brier', 'logLoss', 'ece', 'f1']) {
          expect(left[name]).toEqual(near(right[name] ?? null));
        }
      }),
    );
  });

  it('refuses a probability that is NaN or above 1', () => {
    expect(() => binarySums([Number.NaN], [1])).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
    expect(() => binarySums([1.01], [1])).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
  });
});

describe('metricsOf, other tasks', () => {
  it('takes multiclass as one class against the rest, and accuracy from the most probable', () => {
    const task = { kind: 'multiclass', levels: ['a', 'b', 'c'] } as const;
    const scores = Float32Array.of(0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25, 0, 0.25, 0.75);
    const labels = { kind: 'class', values: Int32Array.of(0, 1, 2, 2) } as const;
    const values = metricsOf(sumsOf(task, scores, labels), task);
    // Right: patients 0, 1 and 3.
    expect(values['accuracy']).toBe(3 / 4);
    // a: .5 against .25, .5, 0 is 2.5/3. b: .5 against three .25 is 1. c: .25, .75 against .25, .25 is (1 + 2)/4.
    expect(values['auroc']).toBeCloseTo((2.5 / 3 + 1 + 3 / 4) / 3, 12);
    // -log of .5, .5, .25, .75.
    expect(values['logLoss']).toBeCloseTo(-Math.log(0.5 * 0.5 * 0.25 * 0.75) / 4, 6);
    // Σ over classes: .375, .375, .25 + .0625 + .5625 = .875, .0625 + .0625 = .125.
    expect(values['brier']).toBeCloseTo((0.375 + 0.375 + 0.875 + 0.125) / 4, 6);
    // Called a, b, a, c: recall 1, 1 and 1/2.
    expect(values['balancedAccuracy']).toBeCloseTo((1 + 1 + 1 / 2) / 3, 12);
    // F1 of a: 2·1 / (2·1 + 1 + 0); of b: 1; of c: 2·1 / (2·1 + 0 + 1).
    expect(values['f1']).toBeCloseTo((2 / 3 + 1 + 2 / 3) / 3, 12);
  });

  it('judges multiclass over all sites as the plain definitions do over all patients', () => {
    const task = { kind: 'multiclass', levels: ['a', 'b', 'c', 'd'] } as const;
    fc.assert(
      fc.property(fc.array(fc.tuple(multiclassPatient, fc.nat(2)), { maxLength: 60 }), (assigned) => {
        const scored = [0, 1, 2].map((site) => {
          const patients = assigned.filter(([, s]) => s === site).map(([one]) => one);
          return {
            site: siteId(`site-${site}`),
            n: patients.length,
            indices: Int32Array.from(patients.keys()),
            scores: Float32Array.from(patients.flatMap(({ row }) => row)),
            labels: {
              kind: 'class',
              values: Int32Array.from(patients, ({ label }) => label),
              classes: 4,
            } as const,
          };
        });
        const sites = scored.map(({ scores, labels }) => sumsOf(task, scores, labels));
        const truths = assigned.map(([{ label }]) => label);
        const called = assigned.map(([{ row }]) => row.indexOf(Math.max(...row)));
        for (const values of [
          metricsOf(mergeSums(task, sites.reverse()), task),
          exactMetrics(task, scored),
        ]) {
          expect(values['balancedAccuracy']).toEqual(near(slowBalancedAccuracy(called, truths)));
          expect(values['f1']).toEqual(near(slowMacroF1(called, truths)));
        }
      }),
    );
  });

  it('counts a patient of a weighted sample as often as it is drawn', () => {
    const task = { kind: 'multiclass', levels: ['a', 'b'] } as const;
    const labels = { kind: 'class', values: Int32Array.of(0, 1, 1), classes: 2 } as const;
    const scores = Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.3, 0.7);
    const site = { site: siteId('one'), n: 3, indices: Int32Array.of(0, 1, 2), scores, labels };
    const prepared = prepareMetrics(task, [site]);
    // Called a, a, b. The second patient three times: recall of a 1, of b 1/4; F1 2/(2 + 3) and 2/(2 + 3).
    const weights = Float64Array.of(1, 3, 1);
    expect(prepared.one('balancedAccuracy', weights)).toBeCloseTo((1 + 1 / 4) / 2, 12);
    expect(prepared.one('f1', weights)).toBeCloseTo(2 / 5, 12);
    expect(prepared.one('f1')).toBeCloseTo((2 / 3 + 2 / 3) / 2, 12);
  });

  it.each([
    { kind: 'multiclass', levels: ['a', 'b', 'c'] },
    { kind: 'multilabel', labels: ['a', 'b', 'c'] },
  ] as const)('takes calibration of $kind output by output, over all sites, without the sign', (task) => {
    const patients = Array.from({ length: 90 }, (_, i) => ({
      row: [0, 1, 2].map((k) => (((7 * i + 31 * k) % 89) + 5.5) / 100),
      // Of class k in one of three, and of two labels: truths that lean away from what was said.
      label: (i + (i % 4 === 0 ? 1 : 0)) % 3,
    }));
    const truthOf = (k: number) =>
      patients.map(({ label }) => Number(task.kind === 'multiclass' ? label === k : label !== k));
    const sites = [patients.slice(0, 20), patients.slice(20)].map((own) =>
      sumsOf(
        task,
        Float32Array.from(own.flatMap(({ row }) => row)),
        task.kind === 'multiclass'
          ? { kind: 'class', values: Int32Array.from(own, ({ label }) => label) }
          : {
              kind: 'multilabel',
              values: Uint8Array.from(own.flatMap(({ label }) => [0, 1, 2].map((k) => Number(label !== k)))),
              width: 3,
            },
      ),
    );
    const values = metricsOf(mergeSums(task, sites), task);
    const scoresOf = (k: number) => patients.map(({ row }) => Math.fround(row[k] as number));
    const slopes = [0, 1, 2].map((k) => slowCalibrationSlope(scoresOf(k), truthOf(k)));
    const intercepts = [0, 1, 2].map((k) => slowInTheLarge(scoresOf(k), truthOf(k)));
    const meanOf = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / 3;
    expect(values['calibrationSlope']).toBeCloseTo(meanOf(slopes), 4);
    expect(values['calibrationIntercept']).toBeCloseTo(meanOf(intercepts.map(Math.abs)), 4);
  });

  it('says nothing of multiclass where there is no patient, or one class', () => {
    const task = { kind: 'multiclass', levels: ['a', 'b'] } as const;
    for (const value of Object.values(metricsOf(emptySums(task), task))) expect(value).toBeNull();
    const one = sumsOf(task, Float32Array.of(0.7, 0.3), { kind: 'class', values: Int32Array.of(0) });
    expect(metricsOf(one, task)).toMatchObject({ balancedAccuracy: null, f1: 1, calibrationSlope: null });
  });

  it('averages multilabel metrics over the labels that have both values', () => {
    const task = { kind: 'multilabel', labels: ['x', 'y'] } as const;
    const labels = { kind: 'multilabel', values: Uint8Array.of(1, 1, 0, 1), width: 2 } as const;
    const values = metricsOf(sumsOf(task, Float32Array.of(0.8, 0.9, 0.3, 0.1), labels), task);
    expect(values['auroc']).toBe(1);
    // Of four statements one is wrong.
    expect(values['accuracy']).toBe(3 / 4);
  });

  it('gives errors of a regression in its unit', () => {
    const task = { kind: 'regression' } as const;
    const labels = { kind: 'regression', values: Float64Array.of(1, 2, 6) } as const;
    const values = metricsOf(sumsOf(task, Float32Array.of(1, 4, 5), labels), task);
    // Errors 0, 2, -1; the truth's squares around 3: 4 + 1 + 9 = 14.
    expect(values['rmse']).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(values['mae']).toBeCloseTo(1, 12);
    expect(values['r2']).toBeCloseTo(1 - 5 / 14, 12);
    const same = { kind: 'regression', values: Float64Array.of(2, 2) } as const;
    expect(metricsOf(sumsOf(task, Float32Array.of(1, 3), same) as RegressionSums, task)['r2']).toBeNull();
  });

  it('counts pairs of survivors as the definition does', () => {
    const task = { kind: 'survival' } as const;
    const survivor = fc.record({
      risk: fc.integer({ min: -6, max: 6 }).map((n) => n / 2),
      time: fc.integer({ min: 0, max: 9 }),
      event: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(fc.array(survivor, { maxLength: 40 }), (patients) => {
        const sums = sumsOf(
          task,
          Float32Array.from(patients, ({ risk }) => risk),
          {
            kind: 'survival',
            time: Float64Array.from(patients, ({ time }) => time),
            event: Uint8Array.from(patients, ({ event }) => event),
          },
          { horizon: 10 },
        ) as SurvivalSums;
        const { comparable, concordant } = slowConcordance(patients);
        expect([sums.comparable, sums.concordant]).toEqual([comparable, concordant]);
        // Each time and each risk has its own cell here; on the grid equal times are never compared.
        const untied = slowConcordance(
          patients.map((one) => ({ ...one, time: one.time + (one.event === 0 ? -1e-9 : 0) })),
        );
        expect(metricsOf(sums, task)['cIndex']).toEqual(
          near(untied.comparable === 0 ? null : untied.concordant / untied.comparable),
        );
      }),
    );
  });
});

/** Null, or a number within rounding of it. */
function near(value: number | null): unknown {
  return value === null ? null : expect.closeTo(value, 9);
}
