import { metricLabel } from '../metric-names.ts';
import { decimal, percent } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { lineLayers, SERIES_COLORS, SERIES_SHAPES } from './theme.ts';

/** The primary metric as whole modalities go missing. */
export function degradationFigure(track: TrackReport): Figure | null {
  const values = track.main.degradation.filter((row) => row.value !== null && Number.isFinite(row.value));
  if (values.length === 0) return null;
  const metric = metricLabel(track.primaryMetric);
  const mechanisms = [...new Set(values.map((row) => row.mechanism))];
  const scale = (range: readonly unknown[]): object => ({ domain: mechanisms, range });
  const series = { field: 'mechanism', type: 'nominal' };
  return {
    id: 'degradation',
    title: 'As modalities go missing',
    description:
      `Pooled test ${metric} as whole modalities are removed from a growing share of patients, by the mechanism ` +
      'that removes them.',
    specification: {
      width: 330,
      height: 230,
      data: { values },
      encoding: {
        x: {
          field: 'rate',
          type: 'quantitative',
          scale: { nice: false, padding: 8 },
          axis: { title: 'Removed', format: '.0%', tickCount: 8, grid: false },
        },
        y: {
          field: 'value',
          type: 'quantitative',
          scale: { zero: false },
          axis: { title: metric, tickCount: 5 },
        },
      },
      layer: [
        ...lineLayers(mechanisms, (i) => values.filter((row) => row.mechanism === mechanisms[i])),
        {
          mark: { type: 'point', size: 50 },
          encoding: {
            color: { ...series, scale: scale(SERIES_COLORS), legend: { title: null } },
            shape: { ...series, scale: scale(SERIES_SHAPES), legend: { title: null } },
          },
        },
      ],
    },
    data: {
      columns: ['Mechanism', 'Removed', metric],
      rows: track.main.degradation.map((row) => [row.mechanism, percent(row.rate), decimal(row.value)]),
    },
  };
}
