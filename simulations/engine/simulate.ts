import { join } from 'node:path';
import type { SiteCohort } from '../../client/data/cohort.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { modalitySubsets } from '../../server/rounds/evaluation-plan.ts';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { primaryMetric } from '../../shared/metrics/primary-metric.ts';
import { BUNDLE_FILE, writeBundle } from '../../shared/model/bundle-file.ts';
import { degradation } from '../analysis/degradation.ts';
import { judgedSubsets } from '../analysis/judged-subsets.ts';
import { reportOf } from '../analysis/report-of.ts';
import { type RowRuns, trackReport } from '../analysis/track-report.ts';
import type { ExperimentName } from '../experiments/experiment.ts';
import { rarityExperiment } from '../experiments/rarity.ts';
import type { ReportData, TrackReport } from '../report/report-data.ts';
import type { TrainedModel } from './federation.ts';
import { inParallel } from './in-parallel.ts';
import { publishedBundle } from './publish.ts';
import type { RunRecord } from './run-record.ts';
import type { RunStore } from './run-store.ts';
import { runBaseline, runStudy, type SeededStudy } from './run-track.ts';
import type { Scenario } from './scenario.ts';
import type { Track } from './track.ts';

export interface SimulateInput {
  readonly tracks: readonly Track[];
  readonly scenario: Scenario;
  readonly store: RunStore;
  readonly pool: TrainingPool;
  readonly experiments: readonly ExperimentName[];
  readonly io: CommandIo;
  /** Where the report goes. */
  readonly directory: string;
  /** When the work began, by `performance.now()`. */
  readonly startedMs: number;
  readonly createdAt: Date;
  readonly version: string;
}

/** Runs all tracks, seeds, strategies and experiments, and gathers the report. The first seed's model is published beside it. */
export async function simulate(input: SimulateInput): Promise<ReportData> {
  const reports: TrackReport[] = [];
  for (const track of input.tracks) reports.push(await simulateTrack(track, input));
  const rarity = input.experiments.includes('rarity')
    ? await rarityExperiment({ pool: input.pool, signal: input.io.signal, progress: input.io.progress })
    : undefined;
  return { ...reportOf(input, reports), ...(rarity && { rarity }) };
}

async function simulateTrack(track: Track, input: SimulateInput): Promise<TrackReport> {
  const { io, pool, scenario, store } = input;
  const shown = modalitySubsets(track.study);
  const all = judgedSubsets(track.study, shown);
  const seeded = new Map<number, SeededStudy>();
  for (const seed of track.seeds) seeded.set(seed, await track.seeded(seed));
  const progress = progressOf(track, io);
  const common = { pool, scenario, store, signal: io.signal, track: track.id };

  const records = new Map<string, RunRecord[]>();
  const keep = (name: string, record: RunRecord) => records.set(name, [...(records.get(name) ?? []), record]);
  let published: { readonly model: TrainedModel; readonly cohorts: readonly SiteCohort[] } | undefined;

  const jobs = [
    ...track.seeds.map((seed, i) => async () => {
      const own = seeded.get(seed) as SeededStudy;
      const { record, model } = await runStudy(own, {
        ...common,
        subsets: i === 0 ? all : shown,
        onRound: ({ round, loss }) => progress.round('study', seed, round, loss),
      });
      if (i === 0) published = { model, cohorts: own.cohorts };
      keep('study', record);
      progress.done('study', seed);
    }),
    ...track.baselines.flatMap((baseline) =>
      track.seeds.map((seed) => async () => {
        keep(
          baseline.name,
          await runBaseline(baseline, seeded.get(seed) as SeededStudy, { ...common, subsets: shown }),
        );
        progress.done(baseline.name, seed);
      }),
    ),
  ];
  await inParallel(jobs, pool.workers);

  const runsOf = (name: string): RowRuns => {
    const bySeed = new Map((records.get(name) ?? []).map((record) => [record.seed, record]));
    const found = track.seeds.flatMap((seed) => bySeed.get(seed) ?? []);
    const impossible = found.find((record) => record.kind === 'impossible');
    return {
      runs: found.flatMap((record) =>
        record.kind === 'ran' ? [{ record, cohorts: seeded.get(record.seed)?.cohorts ?? [] }] : [],
      ),
      ...(impossible?.kind === 'impossible' ? { reason: impossible.reason } : {}),
    };
  };
  io.progress(`${track.id}: judging`);
  const first = published as { model: TrainedModel; cohorts: readonly SiteCohort[] } | undefined;
  const curve =
    first === undefined
      ? []
      : await degradation({ ...first, pool, primary: primaryMetric(track.study.task) });
  const report = trackReport({
    track,
    subsets: all,
    shown: shown.length,
    runsOf,
    degradation: curve,
    model: first?.model,
  });
  if (first !== undefined && track === input.tracks[0]) {
    writeBundle(join(input.directory, BUNDLE_FILE), publishedBundle({ track, report, ...first, ...input }));
  }
  return report;
}

function progressOf(track: Track, io: CommandIo) {
  const total = track.seeds.length * (1 + track.baselines.length);
  let finished = 0;
  return {
    round(name: string, seed: number, round: number, loss: number | undefined): void {
      const mean = loss === undefined ? '' : `, loss ${loss.toFixed(3)}`;
      io.progress(
        `${track.id}: ${finished}/${total} runs done; ${name}, seed ${seed}: round ${round}/${track.study.training.rounds}${mean}`,
      );
    },
    done(name: string, seed: number): void {
      finished++;
      io.progress(`${track.id}: ${finished}/${total} runs done; ${name}, seed ${seed} finished`);
    },
  };
}
