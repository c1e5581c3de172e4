import type { TrainingPool } from '../../client/training/training-pool.ts';
import { studyHash } from '../../shared/study/hash.ts';
import type { Scenario } from '../engine/scenario.ts';
import type { Track } from '../engine/track.ts';
import { splitNotes } from '../report/repeats.ts';
import type { LeftOutReport, ReportData, TrackReport } from '../report/report-data.ts';

/**
 * The whole report of a simulation.
 * @param run.startedMs by `performance.now()`. @param tracks one per track of the run, in order; at least one.
 */
/** Said wherever a study with noise on patients was simulated. */
const SIMULATED_NOISE =
  'Noise on patients was drawn from the study’s seed, so that the run repeats itself: its size is that of production, but it protects nobody, and no epsilon can be claimed for the model of this run.';

export function reportOf(
  run: {
    readonly tracks: readonly Track[];
    readonly pool: TrainingPool;
    readonly scenario: Scenario;
    readonly startedMs: number;
    readonly createdAt: Date;
    readonly version: string;
  },
  tracks: readonly TrackReport[],
  leftOut?: LeftOutReport,
): ReportData {
  const [first] = run.tracks as readonly [Track, ...Track[]];
  const { pool, scenario } = run;
  const notes = [...new Set(run.tracks.flatMap(({ dataNote, study }) => [dataNote, ...study.notes]))];
  const disturbed =
    scenario.participation < 1 ||
    scenario.dropout > 0 ||
    scenario.straggling > 0 ||
    scenario.outages.length > 0 ||
    scenario.joins.size > 0;
  return {
    schema: 'consilium/report/1',
    title: first.study.title,
    createdAt: run.createdAt.toISOString(),
    study: {
      id: first.study.id,
      hash: studyHash(first.study),
      task: first.study.task.kind,
      source: run.tracks.map(({ source }) => source).join('\n---\n'),
    },
    tracks,
    ...(leftOut && { leftOut }),
    environment: {
      version: run.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      backend: pool.backend.name,
      backendLine: pool.backend.oneLine,
      workers: pool.workers,
      durationSeconds: (performance.now() - run.startedMs) / 1000,
    },
    notes: [
      ...notes,
      ...new Set(tracks.flatMap(splitNotes)),
      ...(run.tracks.some(({ study }) => study.privacy.record !== undefined) ? [SIMULATED_NOISE] : []),
      ...(disturbed ? ['A scenario of dropouts, stragglers, outages or late sites was played.'] : []),
      'Simulated on one machine. Scores of single patients were used for intervals, fairness and Shapley values: in a real federation they never leave a site.',
    ],
  };
}
