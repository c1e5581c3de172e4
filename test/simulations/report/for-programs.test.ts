import { describe, expect, it } from 'vitest';
import { reportForPrograms } from '../../../simulations/report/for-programs.ts';
import { renderPage } from '../../../simulations/report/html/page.ts';
import type { ReportData } from '../../../simulations/report/report-data.ts';
import { sampleLeftOut, sampleReport } from '../../helpers/sample-report.ts';

const withFiles = (): ReportData => {
  const sample = sampleReport();
  const intake = [
    { site: 'zurich', subject: 'ecg', filesRead: 1200, setAside: { 'burned-in-text': 3, truncated: 12 } },
    { site: 'zurich', subject: 'letters', filesRead: null, setAside: { 'wrong-format': 10 } },
    { site: 'budapest', subject: 'ecg', filesRead: 9, setAside: {} },
  ];
  return {
    ...sample,
    leftOut: sampleLeftOut(),
    tracks: sample.tracks.map((track) => ({ ...track, intake })),
  };
};

/** Every number that stands under one of the names, or under a name below it. */
function numbersUnder(value: unknown, names: ReadonlySet<string>, isCounted = false): number[] {
  if (typeof value === 'number') return isCounted ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    numbersUnder(each, names, isCounted || names.has(name)),
  );
}

describe('the report for programs', () => {
  const COUNTS = new Set(['patients', 'modalityPatients', 'filesRead', 'setAside']);

  it('tells no count of 1 to 10, wherever it stands', () => {
    const small = (report: unknown) => numbersUnder(report, COUNTS).filter((n) => n > 0 && n < 11);
    expect(small(withFiles()).length).toBeGreaterThan(5);
    expect(small(reportForPrograms(withFiles()))).toEqual([]);
  });

  it('keeps 0, 11 and more, and what is no count', () => {
    const report = reportForPrograms(withFiles()) as Record<string, never>;
    expect(report).toMatchObject({
      tracks: [
        {
          // Validation: 19, 20, 13 and 8 patients; of zurich none has labs.
          sites: [{}, {}, {}, { patients: { validation: '<11', test: 41 }, modalityPatients: { labs: 0 } }],
          intake: [
            { filesRead: 1200, setAside: { 'burned-in-text': '<11', truncated: 12 } },
            { filesRead: null, setAside: { 'wrong-format': '<11' } },
            { filesRead: '<11', setAside: {} },
          ],
          seeds: [42, 43, 44, 45, 46],
        },
      ],
      leftOut: { sites: [{ patients: 294 }, { patients: '<11' }] },
      environment: { workers: 2 },
    });
  });
});

describe('the files of a report', () => {
  const rowsOf = (page: string) =>
    [...page.matchAll(/<tr class="">.*?<\/tr>/gs)].map(([row]) =>
      row
        .replace(/<[^>]*>/g, ' ')
        .replaceAll('&lt;', '<')
        .replace(/\s+/g, ' ')
        .trim(),
    );

  it('are shown by site and modality, with the reasons for which some were set aside', async () => {
    const rows = rowsOf(await renderPage(withFiles()));
    expect(rows).toContain('zurich ecg 1,200 burned-in-text: <11; truncated: 12');
    expect(rows).toContain('zurich letters – wrong-format: <11');
    expect(rows).toContain('budapest ecg <11 –');
  });

  it('have no table where there are none', async () => {
    expect(await renderPage(sampleReport())).not.toContain('Files or notes read');
    expect(await renderPage(withFiles())).toContain('Files or notes read');
  });
});
