import { metricColumns } from '../metric-names.ts';
import { patientsCell } from '../numbers.ts';
import type { MetricValues, ReportData, TrackReport } from '../report-data.ts';
import { siteGain } from '../verdict.ts';
import { type CsvCell, csv } from './csv.ts';
import { leftOutCsv } from './left-out-csv.ts';
import { privacyCsv } from './privacy-csv.ts';

/** The report's tables by file name, one row per fact, all tracks beneath each other. */
export function csvFiles(data: ReportData): ReadonlyMap<string, string> {
  return new Map([
    ['strategies.csv', strategies(data)],
    ['subsets.csv', subsets(data)],
    ['sites.csv', sites(data)],
    ['rounds.csv', rounds(data)],
    ['contributions.csv', contributions(data)],
    ...(data.tracks.some(({ privacy }) => privacy !== undefined)
      ? [['privacy.csv', privacyCsv(data.tracks)] as const]
      : []),
    ...(data.leftOut === undefined ? [] : [['left-out.csv', leftOutCsv(data.leftOut)] as const]),
  ]);
}

function strategies({ tracks }: ReportData): string {
  const metrics = union(tracks, (track) =>
    track.strategies.flatMap((row) => row.perSeed.flatMap((seed) => [seed.pooled, seed.meanSite])),
  );
  return csv(
    [
      ...['track', 'strategy', 'title', 'kind', 'seed', 'split', 'primary_metric'],
      ...metrics.flatMap((id) => [`pooled_${id}`, `mean_site_${id}`]),
      ...[
        'worst_subset',
        'interval_low',
        'interval_high',
        'deviation',
        'difference',
        'difference_low',
        'difference_high',
        'difference_deviation',
        'note',
      ],
    ],
    tracks.flatMap((track) =>
      track.strategies.flatMap((row) =>
        row.perSeed.map((seed) => [
          ...[track.id, row.id, row.title, row.kind, seed.seed],
          ...[track.splits && track.seeds.indexOf(seed.seed) + 1, track.primaryMetric],
          ...metrics.flatMap((id) => [seed.pooled[id], seed.meanSite[id]]),
          ...[seed.worstSubset, row.interval?.[0], row.interval?.[1], row.deviation],
          ...[row.difference?.mean, row.difference?.interval[0], row.difference?.interval[1]],
          ...[row.difference?.deviation, row.note],
        ]),
      ),
    ),
  );
}

function subsets({ tracks }: ReportData): string {
  const metrics = union(tracks, (track) => track.main.subsets.map((subset) => subset.pooled));
  return csv(
    [
      'track',
      'subset',
      'modalities',
      'patients',
      'primary_metric',
      ...metrics,
      'interval_low',
      'interval_high',
    ],
    tracks.flatMap((track) =>
      track.main.subsets.map((row) => [
        ...[
          track.id,
          row.subset.join('+'),
          row.subset.length,
          patientsCell(row.patients),
          track.primaryMetric,
        ],
        ...metrics.map((id) => row.pooled[id]),
        ...[row.interval?.[0], row.interval?.[1]],
      ]),
    ),
  );
}

function sites({ tracks }: ReportData): string {
  const metrics = union(tracks, (track) => track.main.perSite.map((site) => site.metrics));
  const modalities = [...new Set(tracks.flatMap((track) => track.modalities.map((modality) => modality.id)))];
  return csv(
    [
      ...['track', 'site', 'train', 'validation', 'test', 'prevalence'],
      ...modalities.map((id) => `train_${id}`),
      ...['evaluated', 'suppressed', 'primary_metric'],
      ...metrics,
      ...['primary_alone', 'gain'],
    ],
    tracks.flatMap((track) => {
      const results = new Map(track.main.perSite.map((row) => [row.site, row]));
      return track.sites.map((site): CsvCell[] => {
        const result = results.get(site.id);
        const isShown = result !== undefined && !result.suppressed;
        return [
          ...[track.id, site.id],
          ...[site.patients.train, site.patients.validation, site.patients.test].map(patientsCell),
          site.prevalence,
          ...modalities.map((id) => patientsCell(site.modalityPatients[id] ?? 0)),
          ...[
            isShown ? patientsCell(result.patients) : null,
            result?.suppressed ? 'yes' : 'no',
            track.primaryMetric,
          ],
          ...metrics.map((id) => (isShown ? result.metrics[id] : null)),
          ...(isShown ? [result.localOnly, siteGain(result, track.primaryMetric)] : [null, null]),
        ];
      });
    }),
  );
}

function rounds({ tracks }: ReportData): string {
  return csv(
    [
      ...['track', 'round', 'loss', 'validation', 'block', 'outcome', 'reason', 'contributors'],
      ...['clipped', 'delta_norm', 'step_norm'],
    ],
    tracks.flatMap((track) =>
      track.main.rounds.flatMap(({ round, loss, validation, blocks }) =>
        blocks.map((row) => [
          ...[track.id, round, loss, validation, row.block, row.outcome, row.reason, row.contributors.length],
          ...[row.clipped, row.deltaNorm, row.stepNorm],
        ]),
      ),
    ),
  );
}

/** Accepted contributions by block, and absentees with their reason and no block. */
function contributions({ tracks }: ReportData): string {
  return csv(
    ['track', 'round', 'block', 'site', 'status', 'reason'],
    tracks.flatMap((track) =>
      track.main.rounds.flatMap(({ round, blocks, missing }) => [
        ...blocks.flatMap((row) =>
          row.contributors.map((site): CsvCell[] => [track.id, round, row.block, site, 'contributed', null]),
        ),
        ...missing.map(({ site, reason }): CsvCell[] => [track.id, round, null, site, 'missing', reason]),
      ]),
    ),
  );
}

function union(
  tracks: readonly TrackReport[],
  valuesOf: (track: TrackReport) => readonly MetricValues[],
): string[] {
  const primary = tracks[0]?.primaryMetric;
  return primary === undefined ? [] : metricColumns(tracks.flatMap(valuesOf), primary);
}
