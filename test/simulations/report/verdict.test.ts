import { describe, expect, it } from 'vitest';
import { count, decimal, duration, interval, patients, signed } from '../../../simulations/report/numbers.ts';
import type { StrategyRow } from '../../../simulations/report/report-data.ts';
import { summaryText } from '../../../simulations/report/summary.ts';
import { siteGain, targetOutcome, verdict } from '../../../simulations/report/verdict.ts';
import {
  emptyReport,
  hostileReport,
  largeReport,
  oneSiteReport,
  sampleLeftOut,
  sampleReport,
} from '../../helpers/sample-report.ts';

function row(mean: number, low: number, high: number): StrategyRow {
  return {
    id: 'x',
    title: 'x',
    kind: 'baseline',
    perSeed: [],
    interval: null,
    difference: { mean, interval: [low, high] },
  };
}

describe('verdict', () => {
  it('calls a difference noise when its interval holds 0, however large', () => {
    expect(verdict(row(0.05, -0.001, 0.1), 'auroc')).toBe('noise');
  });

  it('calls a difference under .01 noise, however certain', () => {
    expect(verdict(row(0.0099, 0.009, 0.0108), 'auroc')).toBe('noise');
    expect(verdict(row(0.0101, 0.009, 0.0112), 'auroc')).toBe('study better');
  });

  it('knows that a lower Brier score and a lower RMSE are better', () => {
    expect(verdict(row(-0.02, -0.03, -0.01), 'brier')).toBe('study better');
    expect(verdict(row(3, 1, 5), 'rmse')).toBe('study worse');
    expect(verdict(row(-0.005, -0.006, -0.004), 'rmse')).toBe('study better'); // .01 is no threshold in units
  });

  it('says nothing where nothing was compared', () => {
    expect(verdict({ ...row(0, 0, 0), difference: null }, 'auroc')).toBe('unknown');
    expect(verdict(row(Number.NaN, 0, 1), 'auroc')).toBe('unknown');
  });
});

describe('targetOutcome', () => {
  it('is reached at the target itself, in both directions', () => {
    expect(targetOutcome({ name: 'a', target: 0.8, reached: 0.8, better: 'higher' }).reached).toBe(true);
    expect(targetOutcome({ name: 'b', target: 0.12, reached: 0.13, better: 'lower' }).text).toBe(
      'missed by 0.010',
    );
  });
});

describe('siteGain', () => {
  const site = { site: 'a', patients: 50, metrics: { rmse: 2, auroc: 0.8 }, localOnly: 3, suppressed: false };

  it('is positive where joining helps, whichever way the metric points', () => {
    expect(siteGain(site, 'rmse')).toBe(1);
    expect(siteGain({ ...site, localOnly: 0.5 }, 'auroc')).toBeCloseTo(0.3, 12);
  });

  it('tells nothing of a suppressed site', () => {
    expect(siteGain({ ...site, suppressed: true }, 'rmse')).toBeNull();
  });
});

describe('numbers', () => {
  it('prints three decimals, a true minus, and "–" for what is not defined', () => {
    expect([0.8125, -0.0302, -0.0001, 12345.67, null, Number.NaN].map(decimal)).toEqual([
      ...['0.813', '−0.030', '0.000', '12,345.7', '–', '–'],
    ]);
    expect([0.012, -0.012, 0, 0.0001].map(signed)).toEqual(['+0.012', '−0.012', '0.000', '0.000']);
    expect(interval(null)).toBe('–');
  });

  it('does not tell counts from 1 to 10 apart', () => {
    expect([0, 1, 10, 11, 1234].map(patients)).toEqual(['0', '<11', '<11', '11', '1,234']);
  });

  it('carries seconds into minutes', () => {
    expect([0.25, 59.99, 119.7, 3725].map(duration)).toEqual([
      '0.3 s',
      '1 min 0 s',
      '2 min 0 s',
      '62 min 5 s',
    ]);
    expect(count(1_234_567)).toBe('1,234,567');
  });
});

describe('summaryText', () => {
  it('fits 100 columns and moves no cursor', () => {
    const reports = [
      sampleReport(),
      oneSiteReport(),
      emptyReport(),
      largeReport(50),
      hostileReport('\u001b[2J\r\nlong '.repeat(9)),
      { ...sampleReport(), leftOut: sampleLeftOut() },
    ];
    for (const text of reports.map(summaryText)) {
      expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(100);
      expect(text).not.toMatch(/[^\P{Cc}\n]|NaN|undefined/u);
    }
  });

  it('says how the study does at each site that was left out', () => {
    const lines = summaryText({ ...sampleReport(), leftOut: sampleLeftOut() }).split('\n');
    const start = lines.indexOf('each site left out in turn: 301 patients, 2 sites, 2 seeds');
    expect(start).toBeGreaterThan(0);
    // Mean of .8 and .7.
    expect(lines[start + 2]).toMatch(/^\* This study +0\.750 +0\.700 to 0\.800 +0\.710 +0\.500$/);
    expect(lines[start + 3]).toMatch(/\+0\.075 \(\+0\.025, \+0\.125\)$/);
    expect(lines.at(-1)).toBe('  zurich: 0.700 (0.650 to 0.750)');
  });

  it('names the study first, marks sanity rows, and says what is noise and what was missed', () => {
    const lines = summaryText(sampleReport()).split('\n');
    const study = lines.findIndex((line) => line.startsWith('* This study'));
    expect(study).toBeGreaterThan(0);
    expect(lines[study + 1]).toContain('Training alone');
    expect(lines.some((line) => line.startsWith('? Majority class'))).toBe(true);
    expect(lines.find((line) => line.includes('FedProx'))).toMatch(/within noise$/);
    expect(lines.find((line) => line.includes('pooled Brier'))).toContain('missed by 0.007');
  });
});
