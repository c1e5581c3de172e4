import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import type { SimulateOptions } from '../../../simulations/cli/options.ts';
import { runSimulate } from '../../../simulations/cli/simulate.ts';
import { hospitalFiles, tableOf } from '../../helpers/hospital-files.ts';

// Whole runs, one after the other.
vi.setConfig({ testTimeout: 240_000 });

const files = hospitalFiles();
afterAll(files.remove);

/** Runs the command in the folder `report`. @param stopAt the round at whose end it is interrupted; never unless given. */
async function simulate(report: string, more: Partial<SimulateOptions> = {}, stopAt?: number) {
  const stop = new AbortController();
  const io: CommandIo = {
    progress(line) {
      if (stopAt !== undefined && line.includes(`round ${stopAt}/`)) stop.abort();
    },
    note() {},
    warn() {},
    signal: stop.signal,
    isTerminal: false,
  };
  return runSimulate(
    {
      study: files.study,
      dataDir: undefined,
      sites: undefined,
      rounds: 3,
      strategies: ['none'],
      settings: new Map(),
      seeds: [],
      splits: undefined,
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
}

/** The hash of the trained model, from the report. */
function modelHash(report: string): string {
  const json = JSON.parse(readFileSync(files.path(`${report}/report.json`), 'utf8')) as {
    tracks: { main: { modelHash: string } }[];
  };
  return json.tracks[0]?.main.modelHash ?? 'no hash';
}

/** One cell of one patient: the sodium of the first row, by one. */
function changedTable(site: string): string {
  const [header = '', first = '', ...rest] = tableOf(site).split('\n');
  const cells = first.split(',');
  const sodium = header.split(',').indexOf('sodium');
  cells[sodium] = String(Number(cells[sodium]) + 1);
  return [header, cells.join(','), ...rest].join('\n');
}

describe('simulate --resume', () => {
  it('goes on with the tables as they were, and refuses changed ones by the name of their site', async () => {
    await simulate('whole');
    await expect(simulate('stopped', {}, 1)).rejects.toMatchObject({ code: 'INTERRUPTED' });

    writeFileSync(files.path('south.csv'), changedTable('south'));
    const refused = simulate('stopped', { resume: true });
    await expect(refused).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: expect.stringMatching(
        /expected the data that the run was begun with, got other data of south$/,
      ),
      hint: expect.stringMatching(/--resume.*--fresh/),
    });

    // The refusal forgot nothing: with the table put back it goes on, to the model of a run that never stopped.
    writeFileSync(files.path('south.csv'), tableOf('south'));
    await simulate('stopped', { resume: true });
    expect(modelHash('stopped')).toBe(modelHash('whole'));
  });
});
