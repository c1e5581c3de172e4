import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { trainingPool } from '../../client/training/training-pool.ts';
import { refuseFaults } from '../../shared/config/faults.ts';
import { readText, type TextKind } from '../../shared/config/read-text.ts';
import { loadYaml } from '../../shared/config/yaml-file.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { studyHash } from '../../shared/study/hash.ts';
import { type RunStore, runStore } from '../engine/run-store.ts';
import { CALM, parseScenario, type Scenario } from '../engine/scenario.ts';
import { simulate } from '../engine/simulate.ts';
import type { Track } from '../engine/track.ts';
import { reportForPrograms } from '../report/for-programs.ts';
import { writeReport } from '../report/render.ts';
import { openReportFolder } from '../report/report-folder.ts';
import { summaryText } from '../report/summary.ts';
import type { SimulateOptions } from './options.ts';
import { resolveTracks } from './resolve-tracks.ts';

/**
 * Runs a study and what it is compared with, and writes the report.
 * @throws ConsiliumError whose message says what to change; `INTERRUPTED` when stopped, with state to resume from.
 */
export async function runSimulate(options: SimulateOptions, io: CommandIo): Promise<CommandResult> {
  const startedMs = performance.now();
  const tracks = await resolveTracks(options, io);
  const [first] = tracks;
  if (first === undefined) throw new ConsiliumError('INTERNAL', 'simulate: expected a track');
  const scenario = await readScenario(options.scenarioFile, tracks);
  const directory = options.reportDir ?? join('consilium-report', first.study.id);
  const identity = JSON.stringify({
    tracks: tracks.map(({ id, study, seeds, baselines }) => ({
      id,
      study: studyHash({ ...study, seed: 0 }),
      seeds,
      baselines: baselines.map(({ name }) => name),
    })),
    scenario: { ...scenario, joins: [...scenario.joins] },
    backend: options.backend,
    sites: options.sites ?? null,
    // Left out where there is none.
    splits: options.splits,
  });
  await openReportFolder(directory);
  const state = join(directory, '.state');
  const store = await runStore(state, {
    identity,
    mode: options.fresh ? 'fresh' : options.resume ? 'resume' : 'start',
  });
  const pool = await trainingPool({
    workers: options.workers ?? Math.min(availableParallelism(), 8),
    backend: options.backend,
    // A run repeats to the last bit, which noise that protects anybody could not.
    noise: 'simulated',
  });
  io.note(`${first.study.title}\nbackend: ${pool.backend.oneLine}; ${plural(pool.workers, 'worker')}`);
  let isStudyDone = false;
  const watched: RunStore = {
    ...store,
    async save(key, record) {
      await store.save(key, record);
      isStudyDone ||= record.strategy === 'study';
    },
  };
  try {
    const { report, bundle } = await simulate({
      tracks,
      scenario,
      store: watched,
      pool,
      experiments: options.experiments,
      audit: options.audit,
      io,
      directory,
      startedMs,
      createdAt: new Date(systemClock.now()),
      version: options.version,
    });
    const written = await writeReport(report, directory);
    await store.discard();
    const model = bundle === undefined ? '' : `\nmodel: ${bundle}`;
    return {
      text: `${summaryText(report)}\n\nreport: ${written.html}${model}`,
      data: { report: written, model: bundle ?? null, result: reportForPrograms(report) },
    };
  } catch (error) {
    // A run repeats to the last bit, so one without a quorum has none again, and data or settings must be corrected
    // first, with which nothing could be resumed: then nothing is left to forget.
    const isRefused = error instanceof ConsiliumError && error.spec.exit === 4;
    const isFinal = error instanceof ConsiliumError && error.code === 'NO_QUORUM';
    if (isFinal || (isRefused && !options.resume && !isStudyDone)) await store.discard();
    throw existsSync(state) ? resumable(error) : error;
  } finally {
    await pool.close();
  }
}

/** Says that what was done is kept, where the error does not say so itself. */
function resumable(error: unknown): unknown {
  if (!(error instanceof ConsiliumError) || error.hint?.includes('--resume') === true) return error;
  const kept =
    'What was finished is kept: repeat the command with --resume to go on, or with --fresh to forget it.';
  const hint = error.hint === undefined ? kept : `${error.hint} ${kept}`;
  return new ConsiliumError(error.code, error.message, { cause: error, hint });
}

/** Everything that is wrong with it at once, which takes the names of the sites: they are read with their data. */
async function readScenario(path: string | undefined, tracks: readonly Track[]): Promise<Scenario> {
  if (path === undefined) return CALM;
  const yaml = loadYaml(readText(path, SCENARIO), path);
  // What is no YAML is refused before any data is read.
  if (yaml.value === undefined) refuseFaults('BAD_ARGUMENT', yaml.faults);
  const sites = new Set<SiteId>();
  for (const track of tracks) {
    const { cohorts } = await track.seeded(track.seeds[0] as number);
    for (const { site } of cohorts) sites.add(site);
  }
  const modalities = new Set(tracks.flatMap(({ study }) => study.modalities.map(({ id }) => id)));
  return parseScenario(yaml, { sites: [...sites], modalities: [...modalities] });
}

const SCENARIO: TextKind = {
  what: 'a scenario file',
  tooLong: 'BAD_ARGUMENT',
  hint: 'Check the path of --scenario.',
};
