import { describe, expect, it } from 'vitest';
import { csv } from '../../../simulations/report/csv/csv.ts';
import { csvFiles } from '../../../simulations/report/csv/csv-files.ts';
import {
  hostileReport,
  oneSiteReport,
  sampleLeftOut,
  samplePrivacy,
  sampleReport,
} from '../../helpers/sample-report.ts';

function linesOf(name: string, report = sampleReport()): string[] {
  return (csvFiles(report).get(name) ?? '').trimEnd().split('\n');
}

describe('csv', () => {
  it('quotes commas, quotes and line breaks', () => {
    expect(csv(['a', 'b'], [['x,y', 'say "no"\nnow']])).toBe('a,b\n"x,y","say ""no""\nnow"\n');
  });

  it('keeps every digit of a number and leaves empty what is not defined', () => {
    expect(csv(['a', 'b', 'c', 'd'], [[-0.1234567890123, null, undefined, Number.NaN]])).toBe(
      'a,b,c,d\n-0.1234567890123,,,\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@sum', '\t=1', ' =1', '\r=1', '＝1'])('disarms the formula %j', (text) => {
    expect(csv(['a'], [[text]])).toMatch(/^a\n"?'/);
  });
});

describe('csvFiles', () => {
  it('has a row per strategy and seed, subset, site, and block of a round', () => {
    expect(linesOf('strategies.csv')).toHaveLength(1 + 14 * 5);
    expect(linesOf('subsets.csv')).toHaveLength(1 + 63); // 2^6 - 1
    expect(linesOf('sites.csv')).toHaveLength(1 + 4);
    expect(linesOf('rounds.csv')).toHaveLength(1 + 40 * 8);
  });

  it('names who was missing and why', () => {
    expect(linesOf('contributions.csv')).toContain('M2,5,,long-beach,missing,declined');
  });

  it('shows nothing of a suppressed site and no count from 1 to 10', () => {
    const zurich = linesOf('sites.csv').find((line) => line.includes('zurich')) ?? '';
    expect(zurich).toMatch(/^M2,zurich,74,<11,41,0\.93,74,0,73,73,<11,44,,yes,auroc(,)+$/);
  });

  it('has as many cells in each row as in its header', () => {
    const leftOut = { ...sampleReport(), leftOut: sampleLeftOut() };
    for (const report of [sampleReport(), oneSiteReport(), leftOut]) {
      for (const text of csvFiles(report).values()) {
        const widths = text
          .trimEnd()
          .split('\n')
          .map((line) => line.replace(/"[^"]*"/g, 'q').split(',').length);
        expect(new Set(widths).size).toBe(1);
      }
    }
  });

  it('has a row per amount of noise and seed where that was compared, with no epsilon where there is no noise', () => {
    expect(csvFiles(sampleReport()).has('privacy.csv')).toBe(false);
    const report = sampleReport();
    const tracks = report.tracks.map((track) => ({ ...track, privacy: samplePrivacy() }));
    const lines = linesOf('privacy.csv', { ...report, tracks });
    expect(lines).toHaveLength(1 + 2 * 5);
    expect(lines[0]).toMatch(/^track,setting,title,epsilon,seed,primary_metric,pooled_auroc,/);
    expect(lines[1]).toMatch(/^M2,masked-no-noise,No noise,,42,auroc,0\.9/);
    expect(lines[6]).toMatch(/^M2,masked-noise-epsilon-3,Epsilon 3,3,42,auroc,0\.8/);
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
  });

  it('disarms names that are formulas', () => {
    const report = hostileReport('');
    const track = report.tracks.map((each) => ({ ...each, id: '=HYPERLINK("x")' }));
    const text = csvFiles({ ...report, tracks: track }).get('subsets.csv') ?? '';
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
  });

  it('has a row per site left out, for their mean and for all patients; and the study with either bias', () => {
    expect(csvFiles(sampleReport()).has('left-out.csv')).toBe(false);
    const lines = linesOf('left-out.csv', { ...sampleReport(), leftOut: sampleLeftOut() });
    // Two strategies of (2 sites + mean + pool), two starts of (2 sites + pool) with 2 metrics each.
    expect(lines).toHaveLength(1 + 2 * 4 + 2 * 3 * 2);
    expect(lines.find((line) => line.startsWith('study,This study,mean-site'))).toMatch(
      /^study,This study,mean-site,301,auroc,0\.75,0\.7,0\.8,,,,$/,
    );
    expect(lines).toContain('bias-prevalence,This study,pooled,301,accuracy,0.84,,,,,,');
    expect(lines.some((line) => line.includes('zurich,7,'))).toBe(false);
  });
});
