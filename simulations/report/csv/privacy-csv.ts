import { metricColumns } from '../metric-names.ts';
import type { TrackReport } from '../report-data.ts';
import { csv } from './csv.ts';

/** A row per track, amount of noise and seed. `epsilon` is empty where there is no noise. */
export function privacyCsv(tracks: readonly TrackReport[]): string {
  const settings = tracks.flatMap((track) =>
    (track.privacy?.settings ?? []).map((setting) => ({ track, ...setting })),
  );
  const metrics = metricColumns(
    settings.flatMap(({ row }) => row.perSeed.map(({ pooled }) => pooled)),
    tracks[0]?.primaryMetric ?? '',
  );
  return csv(
    [
      ...['track', 'setting', 'title', 'epsilon', 'seed', 'primary_metric'],
      ...metrics.map((id) => `pooled_${id}`),
      ...['interval_low', 'interval_high', 'difference', 'difference_low', 'difference_high', 'note'],
    ],
    settings.flatMap(({ track, epsilon, row }) =>
      row.perSeed.map(({ seed, pooled }) => [
        ...[track.id, row.id, row.title, epsilon, seed, track.primaryMetric],
        ...metrics.map((id) => pooled[id]),
        ...[row.interval?.[0], row.interval?.[1]],
        ...[row.difference?.mean, row.difference?.interval[0], row.difference?.interval[1], row.note],
      ]),
    ),
  );
}
