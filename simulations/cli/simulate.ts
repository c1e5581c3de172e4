import { constants, readFileSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileProblem } from '../../client/data/table-files.ts';
import { trainingPool } from '../../client/training/training-pool.ts';
import { refuseFaults } from '../../shared/config/faults.ts';
import { loadYaml } from '../../shared/config/yaml-file.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { studyHash } from '../../shared/study/hash.ts';
import { type RunStore, runStore } from '../engine/run-store.ts';
import { CALM, parseScenario, type Scenario } from '../engine/scenario.ts';
import { simulate } from '../engine/simulate.ts';
import { writeReport } from '../report/render.ts';
import { summaryText } from '../report/summary.ts';
import type { SimulateOptions } from './options.ts';
import { resolveTracks } from './resolve-tracks.ts';

/**
 * Runs a study and what it is compared with, and writes the report.
 * @throws ConsiliumError whose message says what to change; `INTERRUPTED` when stopped, with state to resume from.
 */
export async function runSimulate(options: SimulateOptions, io: CommandIo): Promise<CommandResult> {
  const startedMs = performance.now();
  const tracks = await resolveTracks(options);
  const [first] = tracks;
  if (first === undefined) throw new ConsiliumError('INTERNAL', 'simulate: expected a track');
  const scenario = readScenario(options.scenarioFile);
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
  });
  await openFolder(directory);
  const store = await runStore(join(directory, '.state'), {
    identity,
    mode: options.fresh ? 'fresh' : options.resume ? 'resume' : 'start',
  });
  const pool = await trainingPool({
    workers: options.workers ?? Math.min(availableParallelism(), 8),
    backend: options.backend,
  });
  io.note(`${first.study.title}\nbackend: ${pool.backend.oneLine}; ${pool.workers} workers`);
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
      data: { report: written, model: bundle ?? null, result: report },
    };
  } catch (error) {
    // Refused for its data or settings: what must be corrected first can't be resumed, so nothing is left to forget.
    const isRefused = error instanceof ConsiliumError && error.spec.exit === 4;
    if (isRefused && !options.resume && !isStudyDone) await store.discard();
    throw error;
  } finally {
    await pool.close();
  }
}

/** Makes the report's folder and tries it, before hours of work have nowhere to go. */
async function openFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
  } catch (cause) {
    const isFile = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const found = isFile ? 'a file of that name' : fileProblem(cause).replace('read it', 'write there');
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `report folder ${directory}: expected a folder to write to, got ${found}`,
      { cause, hint: 'Name another folder with --report DIR, or change its permissions.' },
    );
  }
}

function readScenario(path: string | undefined): Scenario {
  if (path === undefined) return CALM;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `scenario ${path}: expected a file, got ${fileProblem(cause)}`,
      { cause, hint: 'Check the path of --scenario.' },
    );
  }
  const yaml = loadYaml(text, path);
  refuseFaults('BAD_ARGUMENT', yaml.faults);
  return parseScenario(yaml.value, path);
}
