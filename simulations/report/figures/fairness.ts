import { metricLabel } from '../metric-names.ts';
import { count, decimal, patients } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import { trackHeadline } from '../verdict.ts';
import type { Figure } from './figure.ts';
import { color, MAX_ROWS, SERIES_COLORS, SERIES_SHAPES } from './theme.ts';

/** The primary metric of every group of patients. */
export function fairnessFigure(track: TrackReport): Figure | null {
  const values = track.main.fairness
    .map((row) => ({
      ...row,
      value: row.metrics[track.primaryMetric] ?? null,
      key: `${row.group}: ${row.level}`,
    }))
    .filter((row) => row.value !== null)
    .slice(0, MAX_ROWS);
  if (values.length === 0) return null;
  const metric = metricLabel(track.primaryMetric);
  const groups = [...new Set(values.map((row) => row.group))];
  const pooled = track.main.subsets[0]?.pooled[track.primaryMetric] ?? trackHeadline(track).primary;
  const series = { field: 'group', type: 'nominal' };
  return {
    id: 'fairness',
    title: 'Gaps between groups',
    description: `Pooled test ${metric} by group of patients; the dashed line is all of them together.`,
    specification: {
      width: 270,
      height: { step: 28 },
      encoding: {
        y: {
          field: 'key',
          type: 'ordinal',
          scale: { domain: [...new Set(values.map((row) => row.key))] },
          axis: {
            title: null,
            ticks: false,
            domain: false,
            grid: true,
            labelLimit: 230,
            labelColor: color('ink'),
          },
        },
      },
      layer: [
        {
          data: { values: pooled === null ? [] : [{ value: pooled }] },
          mark: { type: 'rule', color: color('soft'), strokeDash: [4, 3] },
          encoding: { x: { field: 'value', type: 'quantitative' }, y: null },
        },
        {
          data: { values },
          mark: { type: 'point', size: 80 },
          encoding: {
            x: {
              field: 'value',
              type: 'quantitative',
              scale: { zero: false, padding: 12 },
              axis: { title: metric, tickCount: 5 },
            },
            color: { ...series, scale: { domain: groups, range: SERIES_COLORS }, legend: null },
            shape: { ...series, scale: { domain: groups, range: SERIES_SHAPES }, legend: null },
          },
        },
      ],
    },
    data: {
      columns: ['Group', 'Patients', metric],
      rows: track.main.fairness.map((row) => [
        `${row.group}: ${row.level}`,
        patients(row.patients),
        decimal(row.metrics[track.primaryMetric]),
      ]),
    },
  };
}

/** "0.041 by sex": the widest gap of the primary metric within each group; null where fewer than two levels count. */
export function widestGaps(track: TrackReport): { group: string; gap: number | null; levels: string }[] {
  const groups = [...new Set(track.main.fairness.map((row) => row.group))];
  return groups.map((group) => {
    const rows = track.main.fairness
      .filter((row) => row.group === group)
      .map((row) => ({ level: row.level, value: row.metrics[track.primaryMetric] ?? null }))
      .filter((row): row is { level: string; value: number } => row.value !== null)
      .sort((a, b) => a.value - b.value);
    const low = rows[0];
    const high = rows.at(-1);
    if (low === undefined || high === undefined || rows.length < 2) {
      return { group, gap: null, levels: `${count(rows.length)} level measured` };
    }
    return {
      group,
      gap: high.value - low.value,
      levels: `${low.level} ${decimal(low.value)}, ${high.level} ${decimal(high.value)}`,
    };
  });
}
