import { join } from 'node:path';
import type { SiteCohort } from '../../client/data/cohort.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { modalitySubsets } from '../../server/rounds/evaluation-plan.ts';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { modalityOf } from '../../shared/core/ids.ts';
import { primaryMetric } from '../../shared/metrics/primary-metric.ts';
import { BUNDLE_FILE, writeBundle } from '../../shared/model/bundle-file.ts';
import { degradation } from '../analysis/degradation.ts';
import { judgedSubsets } from '../analysis/judged-subsets.ts';
import { type FinishedFold, leftOutReport } from '../analysis/left-out.ts';
import { reportOf } from '../analysis/report-of.ts';
import { type RowRuns, trackReport } from '../analysis/track-report.ts';
import type { AuditReport } from '../audit/audit-report.ts';
import { type PlantedCanaries, plantedCanaries } from '../audit/canary-scan.ts';
import { runAudit } from '../audit/run-audit.ts';
import { fingerprints } from '../cohorts/fingerprint.ts';
import type { ExperimentName } from '../experiments/experiment.ts';
import { PRIVACY_SETTINGS } from '../experiments/privacy-settings.ts';
import { rarityExperiment } from '../experiments/rarity.ts';
import type { ReportData, TrackReport } from '../report/report-data.ts';
import type { TrainedModel } from './federation.ts';
import { inParallel } from './in-parallel.ts';
import { publishedBundle } from './publish.ts';
import { runName } from './repeat-splits.ts';
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
  /** Attacks the first seed of the first track. */
  readonly audit: boolean;
  readonly io: CommandIo;
  /** Where the report goes. */
  readonly directory: string;
  /** When the work began, by `performance.now()`. */
  readonly startedMs: number;
  readonly createdAt: Date;
  readonly version: string;
}

/** What a simulation leaves: the report, and the path of the published model where there is one. */
export interface Simulated {
  readonly report: ReportData;
  readonly bundle: string | undefined;
}

/** Runs all tracks, seeds, strategies and experiments, and gathers the report. The first seed's model is published beside it. */
export async function simulate(input: SimulateInput): Promise<Simulated> {
  const reports: TrackReport[] = [];
  const folds: FinishedFold[] = [];
  let bundle: string | undefined;
  let audit: AuditReport | undefined;
  for (const track of input.tracks) {
    const canaries = input.audit && track === input.tracks[0] ? plantedCanaries() : undefined;
    const { report, model, cohorts, runsOf } = await simulateTrack(track, input, canaries);
    if (canaries !== undefined) audit = await runAudit({ ...input, model, cohorts, canaries });
    reports.push(report);
    folds.push({ track, report, runsOf });
    if (track === input.tracks[0]) bundle = await publish({ ...input, track, report, model, cohorts });
  }
  const rarity = input.experiments.includes('rarity')
    ? await rarityExperiment({ pool: input.pool, signal: input.io.signal, progress: input.io.progress })
    : undefined;
  const report = reportOf(input, reports, leftOutReport(folds));
  return { report: { ...report, ...(rarity && { rarity }), ...(audit && { audit }) }, bundle };
}

/** Writes the model, unless every encoder stayed at its site: nothing is then left that could be published. */
async function publish(
  input: Parameters<typeof publishedBundle>[0] & SimulateInput,
): Promise<string | undefined> {
  if (![...input.model.blocks.keys()].some((block) => modalityOf(block) !== undefined)) {
    input.io.warn('no model is published: no encoder had merge.minHolders sites to be merged over');
    return undefined;
  }
  const path = join(input.directory, BUNDLE_FILE);
  await writeBundle(path, publishedBundle(input));
  return path;
}

async function simulateTrack(
  track: Track,
  input: SimulateInput,
  canaries: PlantedCanaries | undefined,
): Promise<FinishedTrack> {
  const { io, pool, scenario, store } = input;
  const shown = modalitySubsets(track.study);
  const all = judgedSubsets(track.study, shown);
  const seeded = new Map<number, SeededStudy>();
  for (const seed of track.seeds) seeded.set(seed, await track.seeded(seed));
  await store.bindData(track.id, fingerprints([...seeded.values()].map(({ cohorts }) => cohorts)));
  const settings = input.experiments.includes('privacy') ? PRIVACY_SETTINGS : [];
  const compared = [...track.baselines, ...settings.map(({ baseline }) => baseline)];
  const progress = progressOf(track, { io, strategies: 1 + compared.length });
  const { assets } = track;
  const common = { pool, scenario, store, assets, signal: io.signal, track: track.id };

  const records = new Map<string, RunRecord[]>();
  const keep = (name: string, record: RunRecord) => records.set(name, [...(records.get(name) ?? []), record]);
  let published: { readonly model: TrainedModel; readonly cohorts: readonly SiteCohort[] } | undefined;

  const jobs = [
    ...track.seeds.map((seed, i) => async () => {
      const own = seeded.get(seed) as SeededStudy;
      const { record, model } = await runStudy(own, {
        ...common,
        subsets: i === 0 ? all : shown,
        ...(i === 0 && canaries && { canaries }),
        onRound: ({ round, loss }) => progress.round('study', seed, round, loss),
      });
      if (i === 0) published = { model, cohorts: own.cohorts };
      keep('study', record);
      progress.done('study', seed);
    }),
    ...compared.flatMap((baseline) =>
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
  if (first === undefined) throw new ConsiliumError('INTERNAL', `track ${track.id}: expected a first seed`);
  const report = trackReport({
    track,
    subsets: all,
    shown: shown.length,
    runsOf,
    settings,
    degradation: await degradation({ ...first, pool, primary: primaryMetric(track.study.task) }),
    model: first.model,
    intakes: seeded.get(track.seeds[0] as number)?.intakes ?? [],
  });
  return { report, runsOf, ...first };
}

/** A track's report with its runs, and the model and the cohorts of its first seed. */
interface FinishedTrack {
  readonly report: TrackReport;
  readonly runsOf: FinishedFold['runsOf'];
  readonly model: TrainedModel;
  readonly cohorts: readonly SiteCohort[];
}

function progressOf(
  track: Track,
  { io, strategies }: { readonly io: CommandIo; readonly strategies: number },
) {
  const total = track.seeds.length * strategies;
  let finished = 0;
  return {
    round(name: string, seed: number, round: number, loss: number | undefined): void {
      const mean = loss === undefined ? '' : `, loss ${loss.toFixed(3)}`;
      io.progress(
        `${track.id}: ${finished}/${total} runs done; ${name}, ${runName(track, seed)}: round ${round}/${track.study.training.rounds}${mean}`,
      );
    },
    done(name: string, seed: number): void {
      finished++;
      io.progress(`${track.id}: ${finished}/${total} runs done; ${name}, ${runName(track, seed)} finished`);
    },
  };
}
