import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../shared/core/random.ts';
import { bootstrap, pairedDifference } from '../../../simulations/statistics/bootstrap.ts';
import { exactMetrics, prepareMetrics } from '../../../simulations/statistics/exact-metrics.ts';
import type { ScoredPatients } from '../../../simulations/statistics/scored-patients.ts';
import { pairwiseAuc, slowConcordance } from '../../reference/slow-metrics.ts';

const TASK = { kind: 'binary' } as const;

/** Scores of `n` patients, the ill `shift` deviations higher, in steps of .01 so that some tie. */
function site(name: string, n: number, options: { shift: number; seed?: number }): ScoredPatients {
  const random = seededRandom(options.seed ?? 1, name);
  const truths = Int32Array.from({ length: n }, () => random.below(2));
  const scores = Float32Array.from(truths, (truth) => {
    const z = random.normal() + truth * options.shift;
    return Math.round(100 / (1 + Math.exp(-z))) / 100;
  });
  return {
    site: name,
    n,
    scores,
    labels: { kind: 'class', values: truths, classes: 2 },
    indices: Int32Array.from({ length: n }, (_, i) => i),
  };
}

function truthsOf({ labels }: ScoredPatients): number[] {
  return labels.kind === 'class' ? [...labels.values] : [];
}

describe('exactMetrics', () => {
  it('is the AUROC over all pairs of raw scores of all sites', () => {
    const sites = [site('a', 60, { shift: 1 }), site('b', 45, { shift: 0.5 })];
    const expected = pairwiseAuc(
      sites.flatMap(({ scores }) => [...scores]),
      sites.flatMap(truthsOf),
    );
    expect(exactMetrics(TASK, sites)['auroc']).toBeCloseTo(expected as number, 12);
  });

  it('counts survival pairs across sites and within them', () => {
    const random = seededRandom(3);
    const sites = ['a', 'b'].map(
      (name): ScoredPatients => ({
        site: name,
        n: 30,
        scores: Float32Array.from({ length: 30 }, () => random.below(8)),
        labels: {
          kind: 'survival',
          time: Float64Array.from({ length: 30 }, () => random.below(10)),
          event: Uint8Array.from({ length: 30 }, () => random.below(2)),
        },
        indices: Int32Array.from({ length: 30 }, (_, i) => i),
      }),
    );
    const survivors = sites.map(({ scores, labels }) => {
      if (labels.kind !== 'survival') throw new Error('survival');
      const { time, event } = labels;
      return [...scores].map((risk, i) => ({ risk, time: time[i] as number, event: event[i] as number }));
    });
    const pooled = slowConcordance(survivors.flat());
    const [a, b] = survivors.map(slowConcordance);
    const values = exactMetrics({ kind: 'survival' }, sites);
    expect(values['cIndex']).toBeCloseTo(pooled.concordant / pooled.comparable, 12);
    const within =
      ((a?.concordant ?? 0) + (b?.concordant ?? 0)) / ((a?.comparable ?? 0) + (b?.comparable ?? 0));
    expect(values['cIndexWithin']).toBeCloseTo(within, 12);
    // Weights of a site's own patients, wherever it stands in the list.
    const onlyB = Float64Array.from({ length: 60 }, (_, i) => Number(i >= 30));
    const prepared = prepareMetrics({ kind: 'survival' }, sites);
    expect(prepared.one('cIndexWithin', onlyB)).toBeCloseTo((b?.concordant ?? 0) / (b?.comparable ?? 0), 12);
    expect(prepared.one('cIndex', onlyB)).toBeCloseTo((b?.concordant ?? 0) / (b?.comparable ?? 0), 12);
  });

  it('agrees with the site code on accuracy, Brier score and log loss', () => {
    const one: ScoredPatients = {
      site: 'a',
      n: 3,
      scores: Float32Array.of(0.75, 0.5, 0.25),
      labels: { kind: 'class', values: Int32Array.of(1, 0, 0), classes: 2 },
      indices: Int32Array.of(0, 1, 2),
    };
    const values = exactMetrics(TASK, [one]);
    expect(values['accuracy']).toBeCloseTo(2 / 3, 12);
    expect(values['brier']).toBeCloseTo((0.0625 + 0.25 + 0.0625) / 3, 12);
    expect(values['logLoss']).toBeCloseTo(-Math.log(0.75 * 0.5 * 0.75) / 3, 12);
  });
});

describe('bootstrap', () => {
  it('holds the value in its interval and repeats with the seed', () => {
    const sites = [site('a', 150, { shift: 1 }), site('b', 150, { shift: 1 })];
    const options = { metric: 'auroc', seed: 5 };
    const { value, interval } = bootstrap(TASK, sites, options);
    expect(interval?.[0]).toBeLessThan(value as number);
    expect(interval?.[1]).toBeGreaterThan(value as number);
    expect(bootstrap(TASK, sites, options).interval).toEqual(interval);
    expect(bootstrap(TASK, sites, { ...options, seed: 6 }).interval).not.toEqual(interval);
  });

  it('has the width that the binomial gives an accuracy', () => {
    // 100 patients, 80 right: 1.96 · sqrt(.8 · .2 / 100) = .078 each side.
    const scores = Float32Array.from({ length: 100 }, (_, i) => (i < 80 ? 0.9 : 0.1));
    const one: ScoredPatients = {
      site: 'a',
      n: 100,
      scores,
      labels: { kind: 'class', values: new Int32Array(100).fill(1), classes: 2 },
      indices: Int32Array.from(scores.keys()),
    };
    const { interval } = bootstrap(TASK, [one], { metric: 'accuracy', seed: 1, replicates: 4000 });
    expect(interval?.[0]).toBeCloseTo(0.8 - 0.078, 1.7);
    expect(interval?.[1]).toBeCloseTo(0.8 + 0.078, 1.7);
  });

  it('draws within sites: a site that is always right and one that is always wrong leave no doubt', () => {
    const flat = (name: string, score: number): ScoredPatients => ({
      site: name,
      n: 50,
      scores: new Float32Array(50).fill(score),
      labels: { kind: 'class', values: new Int32Array(50).fill(1), classes: 2 },
      indices: Int32Array.from({ length: 50 }, (_, i) => i),
    });
    const { interval } = bootstrap(TASK, [flat('a', 0.9), flat('b', 0.1)], { metric: 'accuracy', seed: 1 });
    expect(interval).toEqual([0.5, 0.5]);
  });

  it('averages over sites where asked', () => {
    const sites = [site('a', 200, { shift: 2 }), site('b', 20, { shift: 0 })];
    const each = sites.map((one) => exactMetrics(TASK, [one])['accuracy'] as number);
    const { value } = bootstrap(TASK, sites, {
      metric: 'accuracy',
      seed: 1,
      over: 'mean-site',
      replicates: 10,
    });
    expect(value).toBeCloseTo(((each[0] as number) + (each[1] as number)) / 2, 12);
  });

  it('has no interval where too many draws miss the only ill patient', () => {
    // One of 20: (19/20)^20 = 36 % of the draws have none.
    const truths = Int32Array.from({ length: 20 }, (_, i) => Number(i === 0));
    const one = {
      ...site('a', 20, { shift: 0 }),
      labels: { kind: 'class', values: truths, classes: 2 },
    } as const;
    const { value, interval } = bootstrap(TASK, [one], { metric: 'auroc', seed: 1 });
    expect(value).not.toBeNull();
    expect(interval).toBeNull();
  });

  it('has no interval where the metric is not defined', () => {
    const one = {
      ...site('a', 20, { shift: 0 }),
      labels: { kind: 'class', values: new Int32Array(20), classes: 2 },
    } as const;
    expect(bootstrap(TASK, [one], { metric: 'auroc', seed: 1 })).toEqual({ value: null, interval: null });
  });
});

describe('pairedDifference', () => {
  it('of a strategy with itself is exactly 0', () => {
    const sites = [site('a', 80, { shift: 1 })];
    expect(pairedDifference(TASK, sites, { metric: 'auroc', seed: 1, against: sites })).toEqual({
      value: 0,
      interval: [0, 0],
    });
  });

  it('is narrower than two separate intervals when both err on the same patients', () => {
    const a = site('a', 200, { shift: 1 });
    // Slightly noisier scores of the same patients.
    const b = { ...a, scores: a.scores.map((score, i) => Math.min(1, score + (i % 3) * 0.01)) };
    const options = { metric: 'auroc', seed: 1 };
    const { interval } = pairedDifference(TASK, [a], { ...options, against: [b] });
    const alone = bootstrap(TASK, [a], options).interval;
    const width = (range: readonly [number, number] | null) => (range === null ? 0 : range[1] - range[0]);
    expect(width(interval)).toBeLessThan(width(alone) / 4);
  });

  it('refuses patients that do not pair', () => {
    const sites = [site('a', 80, { shift: 1 })];
    const other = [site('a', 79, { shift: 1 })];
    expect(() => pairedDifference(TASK, sites, { metric: 'auroc', seed: 1, against: other })).toThrow(
      /the same patients/,
    );
  });
});
