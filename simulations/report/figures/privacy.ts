import { metricLabel } from '../metric-names.ts';
import { decimal, mean } from '../numbers.ts';
import { repeatsText, repeatWord } from '../repeats.ts';
import type { PrivacyExperiment, TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { color } from './theme.ts';

/** The metrics of a study against the noise on its patients. @param metrics at least one, the primary first. */
export function privacyFigure(
  { settings }: PrivacyExperiment,
  track: TrackReport,
  metrics: readonly string[],
): Figure | null {
  const points = settings.flatMap(({ row }) =>
    metrics.flatMap((metric) => {
      const values = row.perSeed.flatMap(({ pooled }) => pooled[metric] ?? []);
      const value = mean(values);
      return value === null ? [] : [{ setting: row.title, metric, value, values }];
    }),
  );
  if (points.length === 0) return null;
  const order = settings.map(({ row }) => row.title);
  const panels = metrics.map((metric) => points.filter((point) => point.metric === metric));
  return {
    id: 'privacy',
    title: 'What noise on patients costs',
    description:
      `Pooled test metrics under secure aggregation, without noise and with as much as keeps each site within an epsilon: means over ${repeatsText(track)}; ` +
      `the small ticks are single ${repeatWord(track)}s, the dashed line continues what is had without noise.`,
    specification: {
      hconcat: panels.map((panel, i) => ({
        width: 150,
        height: 230,
        title: metricLabel(metrics[i] as string),
        encoding: {
          x: {
            field: 'setting',
            type: 'ordinal',
            scale: { domain: order },
            axis: { title: null, labelAngle: -35, labelColor: color('ink') },
          },
        },
        layer: [
          {
            data: { values: panel.slice(0, 1) },
            mark: { type: 'rule', strokeDash: [4, 3], color: color('soft') },
            encoding: { x: null, y: { field: 'value', type: 'quantitative' } },
          },
          {
            data: {
              values: panel.flatMap(({ setting, values }) => values.map((value) => ({ setting, value }))),
            },
            mark: { type: 'tick', thickness: 1, size: 16, opacity: 0.6, color: color('blue') },
            encoding: { y: { field: 'value', type: 'quantitative' } },
          },
          {
            data: { values: panel.map(({ setting, value }) => ({ setting, value })) },
            mark: { type: 'point', size: 85, color: color('blue') },
            encoding: {
              y: {
                field: 'value',
                type: 'quantitative',
                scale: { zero: false, padding: 12 },
                axis: { title: null, tickCount: 6 },
              },
            },
          },
        ],
      })),
    },
    data: {
      columns: ['Noise', 'Metric', 'Mean', 'Smallest', 'Largest'],
      rows: points.map(({ setting, metric, value, values }) => [
        setting,
        metricLabel(metric),
        ...[value, Math.min(...values), Math.max(...values)].map(decimal),
      ]),
    },
  };
}
