import { metricLabel } from '../metric-names.ts';
import { mean, signed } from '../numbers.ts';
import { POOLED_SITE, type TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { color, SERIES_COLORS, SERIES_SHAPES } from './theme.ts';

/** What each modality adds to the primary metric: pooled as bars, sites as marks. */
export function shapleyFigure(track: TrackReport): Figure | null {
  const defined = track.main.shapley.filter((row) => row.value !== null && Number.isFinite(row.value));
  if (defined.length === 0) return null;
  const metric = metricLabel(track.primaryMetric);
  const modalities = [...new Set(defined.map((row) => row.modality))];
  const sites = [...new Set(defined.map((row) => row.site).filter((site) => site !== POOLED_SITE))];
  const pooled = modalities
    .map((modality) => {
      const own = defined.find((row) => row.modality === modality && row.site === POOLED_SITE)?.value;
      const all = defined.filter((row) => row.modality === modality).map((row) => row.value);
      return { modality, value: own ?? mean(all) ?? 0 };
    })
    .sort((a, b) => b.value - a.value);
  const hasPooled = defined.some((row) => row.site === POOLED_SITE);
  const named = sites.length <= SERIES_COLORS.length;
  const x = {
    field: 'value',
    type: 'quantitative',
    axis: { title: `Shapley value, ${metric} on validation patients`, tickCount: 5 },
  };
  return {
    id: 'shapley',
    title: 'What each modality adds',
    description:
      `Shapley value of each modality: its mean gain in validation ${metric} over all orders of adding modalities. ` +
      `Bars: ${hasPooled ? 'all sites pooled' : 'mean over sites'}; marks: single sites.`,
    specification: {
      width: 270,
      height: { step: 36 },
      encoding: {
        y: {
          field: 'modality',
          type: 'ordinal',
          scale: { domain: pooled.map((row) => row.modality) },
          axis: { title: null, ticks: false, labelPadding: 8, labelLimit: 180, labelColor: color('ink') },
        },
      },
      layer: [
        {
          data: { values: pooled },
          mark: { type: 'bar', color: color('rule'), opacity: 0.45, height: 20 },
          encoding: { x },
        },
        {
          data: { values: defined.filter((row) => row.site !== POOLED_SITE) },
          mark: named
            ? { type: 'point', size: 55 }
            : { type: 'tick', color: color('blue'), opacity: 0.4, height: 14 },
          encoding: {
            x,
            ...(named ? seriesOf(sites) : {}),
          },
        },
      ],
    },
    data: shapleyTable(track, modalities, [...(hasPooled ? [POOLED_SITE] : []), ...sites]),
  };
}

function seriesOf(sites: readonly string[]): object {
  return {
    color: {
      field: 'site',
      type: 'nominal',
      scale: { domain: sites, range: SERIES_COLORS },
      legend: { title: null, columns: 3 },
    },
    shape: { field: 'site', type: 'nominal', scale: { domain: sites, range: SERIES_SHAPES } },
  };
}

function shapleyTable(
  track: TrackReport,
  modalities: readonly string[],
  sites: readonly string[],
): Figure['data'] {
  const values = new Map(
    track.main.shapley.map((row) => [JSON.stringify([row.site, row.modality]), row.value]),
  );
  return {
    columns: ['Site', ...modalities],
    rows: sites.map((site) => [
      site,
      ...modalities.map((modality) => signed(values.get(JSON.stringify([site, modality])))),
    ]),
  };
}
