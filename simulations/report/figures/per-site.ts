import { metricLabel } from '../metric-names.ts';
import { decimal, patients, SMALL_CELL_MARK, signed } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import { siteGain } from '../verdict.ts';
import type { Figure } from './figure.ts';
import { color, FONT_SIZE, MAX_ROWS } from './theme.ts';

/** Each site's result with the consortium's model and with a model that it trained alone. */
export function perSiteFigure(track: TrackReport): Figure | null {
  const metric = metricLabel(track.primaryMetric);
  const sites = track.main.perSite
    .map((site) => ({
      site: site.site,
      federated: site.suppressed ? null : (site.metrics[track.primaryMetric] ?? null),
      alone: site.suppressed ? null : site.localOnly,
      gain: siteGain(site, track.primaryMetric),
    }))
    .filter((site) => site.federated !== null)
    .sort((a, b) => (a.gain ?? 0) - (b.gain ?? 0) || (a.site < b.site ? -1 : 1));
  if (sites.length === 0) return null;
  const half = MAX_ROWS / 2;
  const drawn = sites.filter((_, i) => sites.length <= MAX_ROWS || i < half || i >= sites.length - half);
  const series = ['federated', 'training alone'];
  const points = drawn.flatMap(({ site, federated, alone }) => [
    { site, value: federated, series: 'federated' },
    ...(alone === null ? [] : [{ site, value: alone, series: 'training alone' }]),
  ]);
  const y = {
    field: 'site',
    type: 'ordinal',
    scale: { domain: drawn.map((site) => site.site) },
    axis: { title: null, ticks: false, domain: false, grid: true, labelColor: color('ink'), labelPadding: 8 },
  };
  return {
    id: 'per-site',
    title: 'Joining against training alone',
    description:
      `${metric} on each site's own test patients: the consortium's model against a model that the site trained ` +
      `alone. At the right, the gain; below zero, joining did harm.` +
      (drawn.length < sites.length
        ? ` The ${half} lowest and the ${half} highest gains of ${sites.length} sites.`
        : ''),
    specification: {
      spacing: 10,
      hconcat: [
        {
          width: 600,
          height: { step: 24 },
          encoding: { y },
          layer: [
            {
              data: { values: drawn.filter((site) => site.alone !== null) },
              mark: { type: 'rule', color: color('rule'), strokeWidth: 3 },
              encoding: {
                x: {
                  field: 'alone',
                  type: 'quantitative',
                  scale: { zero: false, padding: 12 },
                  axis: { title: metric, tickCount: 6 },
                },
                x2: { field: 'federated' },
              },
            },
            {
              data: { values: points },
              mark: { type: 'point', size: 90, strokeWidth: 1.6 },
              encoding: {
                x: { field: 'value', type: 'quantitative' },
                stroke: seriesScale('stroke'),
                fill: seriesScale('fill'),
                shape: {
                  field: 'series',
                  type: 'nominal',
                  scale: { domain: series, range: ['circle', 'square'] },
                  legend: { title: null },
                },
              },
            },
          ],
        },
        {
          width: 70,
          height: { step: 24 },
          data: {
            values: drawn.map((site) => ({ ...site, text: signed(site.gain), hurts: (site.gain ?? 0) < 0 })),
          },
          mark: { type: 'text', align: 'right', x: 60, fontSize: FONT_SIZE },
          encoding: {
            y: { ...y, axis: null },
            text: { field: 'text', type: 'nominal' },
            color: { condition: { test: 'datum.hurts', value: color('orange') }, value: color('ink') },
          },
        },
      ],
    },
    data: {
      columns: ['Site', 'Test patients', 'Federated', 'Training alone', 'Gain'],
      rows: track.main.perSite.map((site) =>
        site.suppressed
          ? [site.site, ...Array.from({ length: 4 }, () => SMALL_CELL_MARK)]
          : [
              site.site,
              patients(site.patients),
              decimal(site.metrics[track.primaryMetric]),
              decimal(site.localOnly),
              signed(siteGain(site, track.primaryMetric)),
            ],
      ),
    },
  };
}

/** Federated filled blue, alone hollow orange. */
function seriesScale(channel: 'fill' | 'stroke'): unknown {
  const alone = channel === 'fill' ? color('paper') : color('orange');
  return {
    field: 'series',
    type: 'nominal',
    scale: { domain: ['federated', 'training alone'], range: [color('blue'), alone] },
    legend: { title: null },
  };
}
