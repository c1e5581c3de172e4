import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import type { SimulateOptions } from '../../../simulations/cli/options.ts';
import { runSimulate } from '../../../simulations/cli/simulate.ts';
import type { ReportData, StrategyRow } from '../../../simulations/report/report-data.ts';
import { hospitalFiles } from '../../helpers/hospital-files.ts';

// Whole runs, one after the other.
vi.setConfig({ testTimeout: 240_000 });

const files = hospitalFiles();
const fixed = hospitalFiles({
  'south.site.yaml': `site: south
data:
  patients: { file: south.csv, id: id, label: ill, split: part }
  modalities: { labs: {} }
`,
});
afterAll(() => {
  files.remove();
  fixed.remove();
});

/** Runs the command in the folder `report`. @param stopAt a piece of the progress line at which it is interrupted. */
async function simulate(report: string, more: Partial<SimulateOptions> = {}, stopAt?: string) {
  const stop = new AbortController();
  const lines: string[] = [];
  const io: CommandIo = {
    progress(line) {
      lines.push(line);
      if (stopAt !== undefined && line.includes(stopAt)) stop.abort();
    },
    note() {},
    warn() {},
    signal: stop.signal,
    isTerminal: false,
  };
  await runSimulate(
    {
      study: files.study,
      dataDir: undefined,
      sites: undefined,
      rounds: 2,
      strategies: ['majority-per-site', 'local-only'],
      settings: new Map(),
      seeds: [],
      splits: 3,
      reportDir: files.path(report),
      workers: 1,
      resume: false,
      fresh: false,
      backend: 'cpu',
      scenarioFile: undefined,
      experiments: [],
      audit: false,
      cacheDir: undefined,
      version: '0.0.0',
      ...more,
    },
    io,
  );
  return lines;
}

function reportIn(folder: string): ReportData {
  return JSON.parse(readFileSync(files.path(`${folder}/report.json`), 'utf8')) as ReportData;
}

const aurocs = (row: StrategyRow | undefined) =>
  (row?.perSeed ?? []).map(({ pooled }) => pooled['auroc'] as number);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const varianceOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + (value - meanOf(values)) ** 2, 0) / (values.length - 1);

describe('simulate --splits', () => {
  it('tells of each split, and pairs the strategies by it', async () => {
    const lines = await simulate('whole');
    for (const split of [1, 2, 3]) {
      expect(lines.some((line) => line.includes(`study, split ${split} of 3: round 2/2`))).toBe(true);
      expect(lines.some((line) => line.includes(`local-only, split ${split} of 3 finished`))).toBe(true);
    }
    const [track] = reportIn('whole').tracks;
    expect(track?.splits?.count).toBe(3);
    const study = aurocs(track?.strategies[0]);
    const alone = track?.strategies.find(({ id }) => id === 'local-only');
    expect(new Set(study).size).toBe(3);
    expect(track?.strategies[0]?.deviation).toBeCloseTo(Math.sqrt(varianceOf(study)), 12);

    // Student at 2 degrees: 4.303. Variance of the mean: s² (1/3 + test/train).
    const widening = 1 / 3 + (track?.splits?.testPerTrain as number);
    const half = 4.303 * Math.sqrt(varianceOf(study) * widening);
    expect(track?.strategies[0]?.interval?.[1]).toBeCloseTo(meanOf(study) + half, 9);

    const differences = study.map((value, s) => value - (aurocs(alone)[s] as number));
    expect(alone?.difference?.mean).toBeCloseTo(meanOf(differences), 12);
    expect(alone?.difference?.interval[0]).toBeCloseTo(
      meanOf(differences) - 4.303 * Math.sqrt(varianceOf(differences) * widening),
      9,
    );
    // Of the cohorts: a quarter is for the test, a fifth for validation.
    expect(track?.splits?.testPerTrain).toBeCloseTo(0.25 / 0.55, 1);
    const page = readFileSync(files.path('whole/report.html'), 'utf8');
    expect(page).toMatch(/mean over 3 splits.*paired by split/);
    expect(page).toContain('Fewer than 10 splits of fewer than 1,000 patients');
    const csv = readFileSync(files.path('whole/strategies.csv'), 'utf8').split('\n');
    expect(csv[0]).toMatch(/,seed,split,primary_metric,.*,deviation,difference,/);
    expect(csv[2]).toMatch(/^hospitals,study,This study,study,8,2,auroc,/);
  });

  it('ends as an undisturbed run does when it was interrupted in its second split', async () => {
    await expect(simulate('stopped', {}, 'split 2 of 3: round 1/')).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    await expect(simulate('stopped', { resume: true, splits: 4 })).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
    });
    const lines = await simulate('stopped', { resume: true });
    // The first split was finished, and is not trained again.
    expect(lines.some((line) => line.includes('split 1 of 3: round'))).toBe(false);
    expect(reportIn('stopped').tracks).toEqual(reportIn('whole').tracks);
  });

  it('refuses patients whose split stands in a column, and says where', async () => {
    await expect(simulate('fixed', { study: fixed.study })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringMatching(/--splits: expected .* got a column .*south\.site\.yaml$/),
      hint: expect.stringContaining('--seeds'),
    });
  });
});
