import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runConsilium } from '../bin/run-consilium.ts';
import { type HospitalFiles, hospitalFiles, STUDY_FILE, tableOf } from '../helpers/hospital-files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Enough rounds to be killed in the middle of. */
const LONG = ['--rounds', '20', '--strategy', 'none'];

// Whole processes, several of them one after the other.
vi.setConfig({ testTimeout: 240_000 });

let files: HospitalFiles;
beforeAll(() => {
  files = hospitalFiles();
});
afterAll(() => files.remove());

function commandLine(study: string, report: string, more: readonly string[] = []): string[] {
  return ['simulate', study, '--report', report, '--workers', '1', '--backend', 'wasm', ...more];
}

const simulate = (report: string, ...more: string[]) =>
  runConsilium(commandLine(files.study, files.path(report), more));

/** What the report says of the model; the hash covers every shared weight. */
function modelHash(report: string): string {
  const json = JSON.parse(readFileSync(join(files.path(report), 'report.json'), 'utf8')) as {
    tracks: { main: { modelHash: string } }[];
  };
  return json.tracks[0]?.main.modelHash ?? 'no hash';
}

/** Starts a run and kills it, as the power going off would, once a site has saved `round`. */
async function killedAfter(round: number, report: string): Promise<void> {
  const args = ['--import', 'tsx', 'bin/consilium.ts', ...commandLine(files.study, files.path(report), LONG)];
  const child: ChildProcess = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.on('exit', (_code, signal) => resolve(signal)),
  );
  const sites = join(files.path(report), '.state', 'hospitals.study.7', 'sites');
  const isSaved = () => {
    const site = existsSync(sites) ? readdirSync(sites)[0] : undefined;
    const saved = site === undefined ? [] : readdirSync(join(sites, site));
    return saved.some((name) => Number(/^round-(\d+)\.bin$/.exec(name)?.[1]) >= round);
  };
  while (!isSaved() && child.exitCode === null) await setTimeout(2);
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
}

describe('consilium simulate', () => {
  it('ends with the path of a report, whose files are there', async () => {
    const { exitCode, stdout, stderr } = await simulate('whole', ...LONG);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const report = /^report: (.+)$/m.exec(stdout)?.[1];
    expect(report).toBe(join(files.path('whole'), 'report.html'));
    const written = readdirSync(files.path('whole'));
    for (const name of ['report.html', 'report.json']) expect(written).toContain(name);
    expect(written.filter((name) => name.endsWith('.csv')).length).toBeGreaterThan(0);
    // Nothing is left to resume, nothing half-written.
    expect(written.filter((name) => name.startsWith('.') || name.includes('part'))).toEqual([]);
    expect(existsSync(/^model: (.+)$/m.exec(stdout)?.[1] ?? '')).toBe(true);
  });

  it('comes to the same model when it is killed in the middle and resumed', async () => {
    await killedAfter(2, 'killed');
    expect(existsSync(join(files.path('killed'), 'report.json'))).toBe(false);

    const anew = await simulate('killed', ...LONG);
    expect(anew.exitCode).toBe(4);
    expect(anew.stderr).toMatch(/^error STATE_MISMATCH .*unfinished run/m);
    expect(anew.stderr).toMatch(/--resume.*--fresh/);

    const resumed = await simulate('killed', ...LONG, '--resume', '--format', 'json');
    // For programs: the envelope, with where the report is.
    const envelope = JSON.parse(resumed.stdout) as { data: { report: { json: string } } };
    expect(envelope).toMatchObject({ schema: 'consilium/1', status: 'ok', exitCode: 0 });
    expect(envelope.data.report.json).toBe(join(files.path('killed'), 'report.json'));
    expect(modelHash('killed')).toBe(modelHash('whole'));
  });
});

describe('consilium simulate, given what it cannot use', () => {
  /** Runs with some files changed and tells how it ended. */
  async function refused(changes: Readonly<Record<string, string>>, ...more: string[]) {
    const own = hospitalFiles(changes);
    try {
      const report = own.path('report');
      const ended = await runConsilium(commandLine(own.study, report, ['--strategy', 'none', ...more]));
      return { ...ended, isClean: !existsSync(join(report, '.state')) };
    } finally {
      own.remove();
    }
  }

  it('names five faults of a study file, each with its line', async () => {
    const study = STUDY_FILE.replace('kind: binary', 'kind: binry')
      .replace('features: [density, volume]', 'features: []')
      .replace('embedding: 4', 'embedding: -4')
      .replace('rounds: 3', 'rounds: many')
      .replace('minHolders: 2', 'minHoldres: 2');
    const { exitCode, stderr } = await refused({ 'study.yaml': study });
    expect(exitCode).toBe(4);
    const lines = stderr.split('\n').filter((line) => /study\.yaml:\d+/.test(line));
    expect(lines.map((line) => Number(/study\.yaml:(\d+)/.exec(line)?.[1]))).toEqual([4, 6, 8, 9, 10]);
  });

  it('names a data folder that is not there', async () => {
    const { exitCode, stderr } = await refused({}, '--data', '/nowhere/at/all');
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error FILE_UNREADABLE .*\/nowhere\/at\/all/);
  });

  it('names a table with a patient twice, and leaves nothing to forget', async () => {
    const { exitCode, stderr, isClean } = await refused({
      'north.csv': `${tableOf('north')}${tableOf('north').split('\n')[1]}\n`,
    });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error DATA_INVALID .*one row per patient/m);
    expect(stderr).toContain('north');
    expect(isClean).toBe(true);
  });

  it('names a column that does not exist', async () => {
    const { exitCode, stderr } = await refused({
      'south.csv': tableOf('south').replace('sodium', 'natrium'),
    });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error DATA_INVALID .*column sodium does not exist/m);
  });
});
