import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import type { ConsiliumError } from '../../../shared/core/errors.ts';
import type { SimulateOptions } from '../../../simulations/cli/options.ts';
import { runSimulate } from '../../../simulations/cli/simulate.ts';
import { runConsilium } from '../../bin/run-consilium.ts';
import { hospitalFiles, STUDY_FILE } from '../../helpers/hospital-files.ts';

const files = hospitalFiles({
  'torn.yaml': 'joins: { north: 3',
  'a-file': '',
  'storm.yaml': 'dropout: 0.99',
  'long.yaml': `# ${'x'.repeat(2 ** 20)}`,
  'unknown.yaml': 'joins: { wset: 3 }\noutages: [{ site: north, modality: mri, rounds: [1, 2] }]',
  'strict.yaml': STUDY_FILE.replace('minPatients: 1', 'minPatients: 100000'),
});
afterAll(files.remove);

const io: CommandIo = {
  progress() {},
  note() {},
  warn() {},
  signal: new AbortController().signal,
  isTerminal: false,
};

const OPTIONS: SimulateOptions = {
  study: files.study,
  dataDir: undefined,
  sites: undefined,
  rounds: 1,
  strategies: ['none'],
  settings: new Map(),
  seeds: [],
  splits: undefined,
  reportDir: files.path('report'),
  workers: 1,
  resume: false,
  fresh: false,
  backend: 'cpu',
  scenarioFile: undefined,
  experiments: [],
  audit: false,
  cacheDir: undefined,
  version: '0.0.0',
};

/** The error of a command that is refused before anything is trained. */
async function refusal(changes: Partial<SimulateOptions>): Promise<ConsiliumError> {
  return runSimulate({ ...OPTIONS, ...changes }, io).then(
    () => expect.unreachable('the command was not refused'),
    (error: ConsiliumError) => error,
  );
}

describe('simulate', () => {
  it('says which strategy was probably meant, whether misspelled or cut short', async () => {
    const misspelled = await refusal({ strategies: ['fedpox'] });
    expect(misspelled).toMatchObject({ code: 'BAD_ARGUMENT', hint: 'Did you mean "fedprox"?' });
    expect(misspelled.message).toContain('got "fedpox"');
    expect((await refusal({ strategies: ['local'] })).hint).toBe('Did you mean "local-only"?');
  });

  it('refuses a scenario that is no whole YAML, with its line, and one that is not there', async () => {
    const torn = await refusal({ scenarioFile: files.path('torn.yaml') });
    expect(torn.code).toBe('BAD_ARGUMENT');
    expect(torn.message).toMatch(/torn\.yaml:\d+:\d+: expected valid YAML/);
    const absent = await refusal({ scenarioFile: files.path('absent.yaml') });
    expect(absent.code).toBe('FILE_UNREADABLE');
    expect(absent.message).toContain('nothing of that name');
    const folder = await refusal({ scenarioFile: files.folder });
    expect(folder.message).toBe(`${files.folder}: expected a scenario file, got a folder`);
    const long = await refusal({ scenarioFile: files.path('long.yaml') });
    expect(long.message).toContain('long.yaml: expected at most 1048576 bytes, got more');
  });

  it('refuses a scenario of sites and modalities that do not exist, naming all of them', async () => {
    const error = await refusal({ scenarioFile: files.path('unknown.yaml') });
    expect(error.code).toBe('BAD_ARGUMENT');
    const [site, modality] = error.message.split('\n');
    expect(site).toMatch(/unknown\.yaml:1:10 joins\.wset: .*got "wset" \(did you mean "west"\?\)$/);
    expect(modality).toMatch(/unknown\.yaml:2:36 outages\[0\]\.modality: .*: ct or labs, got "mri"$/);
  });

  it('reports without a model where every encoder stayed at its site', async () => {
    const reportDir = files.path('solo');
    // Four hospitals hold at most: no block has five holders.
    const ended = await runSimulate(
      { ...OPTIONS, reportDir, settings: new Map([['merge.minHolders', '5']]) },
      io,
    ).catch((error: ConsiliumError) => error);
    expect(ended).toMatchObject({ data: { model: null } });
    expect(existsSync(files.path('solo/report.html'))).toBe(true);
    expect(existsSync(files.path('solo/model.bundle'))).toBe(false);
  });

  it.each(['a-file', 'a-file/below'])('refuses a report folder that cannot be: %s', async (name) => {
    const error = await refusal({ reportDir: files.path(name) });
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toMatch(/^report folder .*expected a folder to write to/);
  });

  it('leaves nothing to forget where no round had a quorum, and says that it would have none again', async () => {
    const reportDir = files.path('storm-report');
    // Three rounds in a row without an answer are the end.
    const changes = { reportDir, rounds: 3, scenarioFile: files.path('storm.yaml') };
    for (const resume of [false, true]) {
      const error = await refusal({ ...changes, resume });
      expect(error).toMatchObject({ code: 'NO_QUORUM', hint: expect.stringContaining('the same way') });
      expect(error.hint).not.toContain('--resume');
      expect(existsSync(files.path('storm-report/.state'))).toBe(false);
    }
  });

  it('leaves nothing to forget where the census refuses the study', async () => {
    const report = files.path('strict-report');
    const { exitCode, stderr } = await runConsilium([
      ...['simulate', files.path('strict.yaml'), '--strategy', 'none', '--report', report],
      ...['--workers', '1', '--backend', 'cpu'],
    ]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('error NO_PATIENTS');
    // The hint outlives the coordinator, which stores the reason alone.
    expect(stderr).toContain('Lower `merge.minPatients`');
    expect(existsSync(`${report}/.state`)).toBe(false);
  });
});
