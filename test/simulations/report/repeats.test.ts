import { describe, expect, it } from 'vitest';
import { csvFiles } from '../../../simulations/report/csv/csv-files.ts';
import { renderPage } from '../../../simulations/report/html/page.ts';
import { splitNotes } from '../../../simulations/report/repeats.ts';
import type { ReportData, SiteSummary, TrackReport } from '../../../simulations/report/report-data.ts';
import { summaryText } from '../../../simulations/report/summary.ts';
import { oneSiteReport, sampleReport, sampleTrack } from '../../helpers/sample-report.ts';

/** The sample with its five seeds taken for five splits. */
function splitTrack(): TrackReport {
  const track = sampleTrack();
  return {
    ...track,
    splits: { count: 5, testPerTrain: 0.5 },
    strategies: track.strategies.map((row) => ({
      ...row,
      deviation: 0.0123,
      difference: row.difference && { ...row.difference, deviation: 0.0456 },
    })),
  };
}

const textOf = (page: string) => page.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]*>/g, ' ');

/** The sample with more metrics of the study. */
function withMetrics(extra: Readonly<Record<string, number>>): ReportData {
  const track = sampleTrack();
  const strategies = track.strategies.map((row) => ({
    ...row,
    perSeed: row.perSeed.map((seed) => ({ ...seed, pooled: { ...seed.pooled, ...extra } })),
  }));
  return { ...sampleReport(), tracks: [{ ...track, strategies }] };
}

describe('a report of repeated splits', () => {
  it('says splits wherever it said seeds, with the deviation over them', async () => {
    const page = textOf(await renderPage({ ...sampleReport(), tracks: [splitTrack()] }));
    expect(page).toMatch(/mean over 5 splits\. Difference: the study minus the row, paired by split/);
    expect(page).toContain('single splits');
    expect(page).toContain('repeated on 5 splits of the same patients');
    expect(page).not.toContain('mean over 5 seeds');
    expect(page).toMatch(/This study\s+0\.\d{3}\s+0\.012\s/);
    const summary = summaryText({ ...sampleReport(), tracks: [splitTrack()] });
    expect(summary).toContain('5 splits');
    expect(summary).toContain('standard deviation of this study over 5 splits: 0.012');
  });

  it('numbers the splits in the table for programs', () => {
    const csv = csvFiles({ ...sampleReport(), tracks: [splitTrack()] }).get('strategies.csv') ?? '';
    const [header = '', ...rows] = csv.trimEnd().split('\n');
    const column = (name: string) => header.split(',').indexOf(name);
    const study = rows.slice(0, 5).map((row) => row.split(','));
    expect(study.map((row) => row[column('split')])).toEqual(['1', '2', '3', '4', '5']);
    expect(study[0]?.[column('deviation')]).toBe('0.0123');
    expect(csv).toContain('0.0456');
  });

  it('warns of fewer than ten splits below 1,000 patients, and of nothing else', () => {
    const [site] = splitTrack().sites;
    if (site === undefined) return expect.unreachable('the sample has sites');
    const of = (patients: SiteSummary['patients']) => ({ ...splitTrack(), sites: [{ ...site, patients }] });
    const few = of({ train: 600, validation: 99, test: 300 });
    expect(splitNotes(few).join()).toContain('Fewer than 10 splits');
    const more = of({ train: 600, validation: 99, test: 301 });
    expect(splitNotes(more).join()).not.toContain('Fewer than 10');
    expect(splitNotes({ ...few, splits: { count: 10, testPerTrain: 0.5 } }).join()).not.toContain('Fewer');
    expect(splitNotes(sampleTrack())).toEqual([]);
  });
});

describe('the metrics of the study', () => {
  it('are all printed, also those for which the table of strategies has no room', async () => {
    const report = withMetrics({ balancedAccuracy: 0.611, f1: 0.622, calibrationSlope: 0.933 });
    const page = textOf(await renderPage({ ...report }));
    expect(page).toMatch(/Bal\. accuracy\s+0\.611/);
    expect(page).toMatch(/F1\s+0\.622/);
    expect(page).toContain('calibration slope 0.933');
  });

  it('say nothing of calibration where there is no probability', async () => {
    const page = textOf(await renderPage(oneSiteReport()));
    expect(page).not.toContain('calibration slope');
  });
});
