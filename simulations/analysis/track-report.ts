import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { encoderBlock, type ModalityId } from '../../shared/core/ids.ts';
import { primaryMetric } from '../../shared/metrics/primary-metric.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Baseline } from '../baselines/baseline.ts';
import type { TrainedModel } from '../engine/federation.ts';
import type { SiteIntake } from '../engine/run-track.ts';
import type { Track } from '../engine/track.ts';
import type { PrivacySetting } from '../experiments/privacy-settings.ts';
import type { MainRun, SiteSummary, StrategyRow, TrackReport } from '../report/report-data.ts';
import { intakeRows } from './intake-rows.ts';
import { mainRun } from './main-run.ts';
import { privacyReport } from './privacy-report.ts';
import { type SeedRun, strategyRow } from './strategy-row.ts';

/** The runs of one strategy in the order of the seeds, or why it could not be run. */
export interface RowRuns {
  readonly runs: readonly SeedRun[];
  readonly reason?: string;
}

export interface TrackReportInput {
  readonly track: Track;
  readonly subsets: readonly (readonly ModalityId[])[];
  readonly shown: number;
  /** Of the study, its baselines and the settings. */
  runsOf(strategy: string): RowRuns;
  /** Of the experiment `privacy`, where it was run. */
  readonly settings: readonly PrivacySetting[];
  readonly degradation: MainRun['degradation'];
  readonly model: TrainedModel;
  /** Of the first seed. */
  readonly intakes: readonly SiteIntake[];
}

/** Everything the report says of one track. */
export function trackReport(input: TrackReportInput): TrackReport {
  const { track, subsets, shown, model } = input;
  const { study } = track;
  const primary = primaryMetric(study.task);
  const own = input.runsOf('study').runs;
  const [first] = own;
  if (first?.record.model === undefined) {
    throw new ConsiliumError('INTERNAL', `track ${track.id}: expected the study's own run`);
  }
  const splits =
    track.repeats === 'splits' ? { count: track.seeds.length, testPerTrain: testPerTrain(own) } : undefined;
  const options = { task: study.task, primary, subsets: subsets.slice(0, shown), ...(splits && { splits }) };
  const studyRow = strategyRow(own, undefined, {
    ...options,
    id: 'study',
    title: 'This study',
    kind: 'study',
  });
  const rowOf = (baseline: Baseline, against: readonly SeedRun[] | undefined): StrategyRow => {
    const { runs, reason } = input.runsOf(baseline.name);
    const note =
      reason === undefined
        ? baseline.note
        : `not run${runs.length === 0 ? '' : ` in ${track.seeds.length - runs.length} of ${track.seeds.length}`}: ${reason}`;
    const { name: id, title, kind } = baseline;
    return strategyRow(runs, against, { ...options, id, title, kind, note });
  };
  const localOnly = input.runsOf('local-only').runs.find(({ record }) => record.seed === first.record.seed);
  return {
    id: track.id,
    title: track.title,
    primaryMetric: primary.name,
    seeds: track.seeds,
    ...(splits && { splits }),
    sites: first.cohorts.map((cohort) =>
      siteSummary(
        cohort,
        study.modalities.map(({ id }) => id),
      ),
    ),
    intake: intakeRows(input.intakes),
    modalities: study.modalities.map(({ id, kind }) => ({
      id,
      kind,
      rarity: model.census.rarity.get(encoderBlock(id)) ?? null,
      parameters: studyLayouts(study).get(encoderBlock(id))?.size ?? 0,
    })),
    main: mainRun({
      study,
      primary,
      run: first,
      facts: first.record.model,
      subsets,
      shown,
      localOnly,
      degradation: input.degradation,
    }),
    strategies: [studyRow, ...track.baselines.map((baseline) => rowOf(baseline, own))],
    ...(input.settings.length > 0 && {
      privacy: privacyReport(input.settings, {
        study,
        cohorts: first.cohorts,
        rowOf,
        runsOf: (name) => input.runsOf(name).runs,
      }),
    }),
    targets: track.targets.map(({ name, target, better }) => ({
      name,
      target,
      better,
      reached: reachedBy(studyRow, name),
    })),
  };
}

/** Test patients for each training patient, over all runs. */
function testPerTrain(runs: readonly SeedRun[]): number {
  const count = (part: number) =>
    runs
      .flatMap(({ cohorts }) => cohorts)
      .reduce((sum, cohort) => sum + cohort.part.filter((each) => each === part).length, 0);
  return count(PART.test) / count(PART.train);
}

function siteSummary(cohort: SiteCohort, modalities: readonly ModalityId[]): SiteSummary {
  const count = (part: number) => cohort.part.reduce((sum, each) => sum + (each === part ? 1 : 0), 0);
  const holders = (id: ModalityId) =>
    cohort.modalities
      .get(id)
      ?.row.reduce((sum, row, i) => sum + (row >= 0 && cohort.part[i] === PART.train ? 1 : 0), 0) ?? 0;
  const { labels } = cohort;
  const isBinary = labels.kind === 'class' && labels.classes === 2;
  return {
    id: cohort.site,
    patients: { train: count(PART.train), validation: count(PART.validation), test: count(PART.test) },
    modalityPatients: Object.fromEntries(modalities.map((id) => [id, holders(id)])),
    prevalence: isBinary ? labels.values.reduce((sum, value) => sum + value, 0) / labels.values.length : null,
  };
}

/** The mean over seeds of a target's figure, e.g. `pooled.accuracy`. */
function reachedBy(row: StrategyRow, name: string): number | null {
  const [over, metric] = name.split('.');
  const values = row.perSeed.flatMap(
    (seed) => (over === 'pooled' ? seed.pooled : seed.meanSite)[metric ?? ''] ?? [],
  );
  if (values.length < row.perSeed.length || values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
