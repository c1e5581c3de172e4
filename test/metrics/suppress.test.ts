import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumsOf } from '../../shared/metrics/accumulate.ts';
import { calibrationCurve } from '../../shared/metrics/calibration-curve.ts';
import { aurocInterval, groupBins } from '../../shared/metrics/merge-bins.ts';
import { metricsOf } from '../../shared/metrics/metrics.ts';
import type { ClassSums, ScoreSums, SurvivalSums } from '../../shared/metrics/sums.ts';
import { suppressSums } from '../../shared/metrics/suppress.ts';
import { pairwiseAuc } from '../reference/slow-metrics.ts';

const TASK = { kind: 'binary' } as const;
const PLAIN = { minCell: 11, transport: 'plain', independentOutputs: false } as const;

function sums(scores: readonly number[], truths: readonly number[]): ClassSums {
  return sumsOf(TASK, Float32Array.from(scores), {
    kind: 'class',
    values: Int32Array.from(truths),
  }) as ClassSums;
}

/** `positives` ill of `patients`, scores spread evenly. */
function spread(patients: number, positives: number): ClassSums {
  const truths = Array.from({ length: patients }, (_, i) => Number(i >= patients - positives));
  return sums(
    truths.map((_, i) => (i + 0.5) / patients),
    truths,
  );
}

const patients = fc.array(
  fc.record({ score: fc.float({ min: 0, max: 1, noNaN: true }), truth: fc.constantFrom(0, 1) }),
  { minLength: 22, maxLength: 150 },
);

describe('suppressSums', () => {
  it('keeps a cell of 10 patients at the site and lets 11 of a class go', () => {
    expect(suppressSums(spread(10, 0), PLAIN)).toBeUndefined();
    expect(suppressSums(spread(22, 11), PLAIN)).toBeDefined();
    const weights = (n: number) =>
      sumsOf({ kind: 'regression' }, new Float32Array(n), {
        kind: 'regression',
        values: new Float64Array(n),
      });
    expect(suppressSums(weights(10), PLAIN)).toBeUndefined();
    expect(suppressSums(weights(11), PLAIN)).toBeDefined();
  });

  it('keeps a cell with 3 patients of one class at the site, but lets none of a class be said', () => {
    expect(suppressSums(spread(100, 3), PLAIN)).toBeUndefined();
    expect(suppressSums(spread(100, 97), PLAIN)).toBeUndefined();
    expect(suppressSums(spread(100, 0), PLAIN)).toBeDefined();
  });

  it('lets fine bins go only into a masked sum', () => {
    const fine = spread(100, 50);
    expect(suppressSums(fine, { ...PLAIN, transport: 'sums-only' })).toEqual(fine);
    expect(suppressSums(fine, PLAIN)).not.toEqual(fine);
  });

  it('never tells of 1 to 10 patients in a bin, and loses nobody', () => {
    fc.assert(
      fc.property(patients, (list) => {
        const own = sums(
          list.map(({ score }) => score),
          list.map(({ truth }) => truth),
        );
        const told = suppressSums(own, PLAIN) as ClassSums | undefined;
        if (told === undefined) return;
        const output = told.outputs[0] as ScoreSums;
        for (const counts of [output.positive, output.negative]) {
          expect([...counts].filter((count) => count > 0 && count < 11)).toEqual([]);
        }
        const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
        expect(total(output.positive) + total(output.negative)).toBe(list.length);
        expect(total(output.scoreSum)).toBeCloseTo(total((own.outputs[0] as ScoreSums).scoreSum), 6);
      }),
    );
  });

  it('tells an interval that holds the AUROC of the raw scores', () => {
    fc.assert(
      fc.property(patients, patients, (a, b) => {
        const groups = [a, b].map((list) =>
          groupBins(
            sums(
              list.map(({ score }) => score),
              list.map(({ truth }) => truth),
            ).outputs[0] as ScoreSums,
            5,
          ),
        );
        const all = [...a, ...b];
        const told = groups.flat().reduce((sum, { positive, negative }) => sum + positive + negative, 0);
        fc.pre(told === all.length);
        const auc = pairwiseAuc(
          all.map(({ score }) => score),
          all.map(({ truth }) => truth),
        );
        const interval = aurocInterval(groups);
        if (auc === null || interval === null) return;
        expect(interval[0]).toBeLessThanOrEqual(auc + 1e-12);
        expect(interval[1]).toBeGreaterThanOrEqual(auc - 1e-12);
      }),
    );
  });

  it('keeps sensitivity and specificity exact where both sides of the threshold are large enough', () => {
    // 40 ill at .6-.9 and 15 at .1-.4; 40 well at .1-.4 and 15 at .6-.9.
    const high = Array.from({ length: 55 }, (_, i) => 0.6 + (0.3 * i) / 55);
    const low = Array.from({ length: 55 }, (_, i) => 0.1 + (0.3 * i) / 55);
    const truths = [...high.map((_, i) => Number(i % 11 < 8)), ...low.map((_, i) => Number(i % 11 >= 8))];
    const told = suppressSums(sums([...high, ...low], truths), PLAIN) as ClassSums;
    expect(metricsOf(told, TASK)['balancedAccuracy']).toBeCloseTo(40 / 55, 12);
  });

  it('leaves a rare label of a multilabel task out alone', () => {
    const labels = Uint8Array.from({ length: 80 }, (_, at) =>
      at % 2 === 0 ? Number(at < 40) : Number(at < 6),
    );
    const own = sumsOf({ kind: 'multilabel', labels: ['common', 'rare'] }, new Float32Array(80).fill(0.25), {
      kind: 'multilabel',
      values: labels,
      width: 2,
    });
    const told = suppressSums(own, { ...PLAIN, independentOutputs: true }) as ClassSums;
    const counted = told.outputs.map(({ positive }) => positive.reduce((sum, count) => sum + count, 0));
    expect(counted).toEqual([20, 0]);
  });

  it('tells who was called what of all classes or of none', () => {
    const task = { kind: 'multiclass', levels: ['a', 'b', 'c'] } as const;
    const own = (mistakes: number) => {
      // 30 of each class; of class a, `mistakes` are called b.
      const labels = Int32Array.from({ length: 90 }, (_, i) => Math.floor(i / 30));
      const called = labels.map((label, i) => (i < mistakes ? 1 : label));
      const scores = Float32Array.from({ length: 270 }, (_, at) =>
        called[Math.floor(at / 3)] === at % 3 ? 0.8 : 0.1,
      );
      return sumsOf(task, scores, { kind: 'class', values: labels }) as ClassSums;
    };
    const calls = (mistakes: number, transport: 'plain' | 'sums-only') =>
      (suppressSums(own(mistakes), { ...PLAIN, transport }) as ClassSums).calls;
    expect([...calls(11, 'plain')]).toEqual([19, 0, 11, 30, 11, 0, 30, 0, 0]);
    expect([...calls(10, 'plain')]).toEqual(Array(9).fill(0));
    expect([...calls(10, 'sums-only')]).toEqual([20, 0, 10, 30, 10, 0, 30, 0, 0]);
  });

  it('merges cells of the survival grid and loses nobody', () => {
    const survivor = fc.record({
      risk: fc.float({ min: -3, max: 3, noNaN: true }),
      time: fc.nat(99),
      event: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(fc.array(survivor, { minLength: 40, maxLength: 150 }), (list) => {
        const own = sumsOf(
          { kind: 'survival' },
          Float32Array.from(list, ({ risk }) => risk),
          {
            kind: 'survival',
            time: Float64Array.from(list, ({ time }) => time),
            event: Uint8Array.from(list, ({ event }) => event),
          },
          { horizon: 100 },
        );
        const told = suppressSums(own, PLAIN) as SurvivalSums | undefined;
        if (told === undefined) return;
        expect(told.grid.filter((count) => count > 0 && count < 11)).toHaveLength(0);
        expect(told.grid.reduce((sum, count) => sum + count, 0)).toBe(list.length);
      }),
      { numRuns: 30 },
    );
  });

  it('halves the survival grid as far as it may', () => {
    // 22 events early at high risk and 22 late at low risk: one quarter of the plane each.
    const risks = Float32Array.from({ length: 44 }, (_, i) => (i < 22 ? 2 : -2));
    const time = Float64Array.from({ length: 44 }, (_, i) => (i < 22 ? 10 : 90));
    const labels = { kind: 'survival', time, event: new Uint8Array(44).fill(1) } as const;
    const told = suppressSums(
      sumsOf({ kind: 'survival' }, risks, labels, { horizon: 100 }),
      PLAIN,
    ) as SurvivalSums;
    expect(metricsOf(told, { kind: 'survival' })['cIndex']).toBe(1);
  });
});

describe('D9: cells of a few patients', () => {
  it('stay at the site where they are 10, or 3 of one class, and leave where they are 11', () => {
    expect(suppressSums(spread(10, 0), PLAIN)).toBeUndefined();
    expect(suppressSums(spread(11, 0), PLAIN)).toBeDefined();
    expect(suppressSums(spread(100, 3), PLAIN)).toBeUndefined();
  });

  it('stay there with their complements: 3 who are well among 100 are 97 who are ill', () => {
    expect(suppressSums(spread(100, 97), PLAIN)).toBeUndefined();
  });
});

describe('D12: a histogram with one patient in each bin, without masks', () => {
  it('leaves as merged bins alone, each of 11 patients or none', () => {
    const own = spread(100, 50);
    const before = own.outputs[0] as ScoreSums;
    const count = (values: Float64Array) => [...values].filter((value) => value > 0);
    expect(count(before.positive)).toEqual(Array(50).fill(1));
    const output = (suppressSums(own, PLAIN) as ClassSums).outputs[0] as ScoreSums;
    for (const counts of [output.positive, output.negative]) {
      const filled = count(counts);
      expect(filled.length).toBeGreaterThan(0);
      expect(Math.min(...filled)).toBeGreaterThanOrEqual(11);
      expect(filled.reduce((sum, value) => sum + value, 0)).toBe(50);
    }
  });
});

describe('calibrationCurve', () => {
  it('has fifteen points of equally many patients', () => {
    const points = calibrationCurve(spread(300, 150).outputs[0] as ScoreSums);
    expect(points.map((point) => point.patients)).toEqual(Array(15).fill(20));
    // The first 20 patients scored (0.5 .. 19.5)/300: mean 10/300, none of them ill.
    expect(points[0]?.predicted).toBeCloseTo(10 / 300, 6);
    expect(points.map((point) => point.observed)).toEqual([...Array(7).fill(0), 0.5, ...Array(7).fill(1)]);
  });

  it('draws no point with fewer patients than a cell may have', () => {
    const points = calibrationCurve(spread(100, 50).outputs[0] as ScoreSums, { minCell: 11 });
    expect(Math.min(...points.map((point) => point.patients))).toBeGreaterThanOrEqual(11);
    expect(points.reduce((sum, point) => sum + point.patients, 0)).toBe(100);
    expect(calibrationCurve(spread(10, 5).outputs[0] as ScoreSums, { minCell: 11 })).toEqual([]);
  });
});
