import { metricLabel } from '../metric-names.ts';
import { decimal, deviation, interval } from '../numbers.ts';
import { repeatsText, repeatWord } from '../repeats.ts';
import type { StrategyRow, TrackReport } from '../report-data.ts';
import { pooledMean } from '../verdict.ts';
import type { Figure } from './figure.ts';
import { color, MAX_ROWS } from './theme.ts';

export const KIND_WORDS: Readonly<Record<StrategyRow['kind'], string>> = {
  study: 'this study',
  baseline: 'baseline',
  sanity: 'sanity check',
};

/** The study and every baseline on the primary metric, with intervals and single seeds. */
export function strategiesFigure(track: TrackReport): Figure | null {
  const metric = metricLabel(track.primaryMetric);
  const titles = distinct(track.strategies.map((row) => row.title));
  const rows = track.strategies.map((row, i) => ({
    row,
    key: titles[i] ?? row.id,
    value: pooledMean(row, track.primaryMetric),
  }));
  const defined = rows.filter((each) => each.value !== null).slice(0, MAX_ROWS);
  if (defined.length === 0) return null;
  const values = defined.map(({ row, key, value }) => ({
    key,
    kind: KIND_WORDS[row.kind],
    value,
    low: row.interval?.[0] ?? null,
    high: row.interval?.[1] ?? null,
  }));
  const seeds = defined.flatMap(({ row, key }) =>
    row.perSeed.flatMap((seed) => {
      const value = seed.pooled[track.primaryMetric];
      return typeof value === 'number' ? [{ key, value, kind: KIND_WORDS[row.kind] }] : [];
    }),
  );
  const kinds = [KIND_WORDS.study, KIND_WORDS.baseline, KIND_WORDS.sanity];
  return {
    id: 'strategies',
    title: 'The study beside its baselines',
    description:
      `Pooled test ${metric}, mean over ${repeatsText(track)}, with 95 % intervals ` +
      `${track.splits === undefined ? 'from the bootstrap over patients' : 'over splits'}; the small ticks are ` +
      `single ${repeatWord(track)}s; the dashed line continues the result of the study.`,
    specification: {
      width: 620,
      height: { step: 24 },
      encoding: {
        y: {
          field: 'key',
          type: 'ordinal',
          scale: { domain: values.map((each) => each.key) },
          axis: {
            title: null,
            ticks: false,
            domain: false,
            grid: true,
            labelPadding: 8,
            labelLimit: 360,
            labelColor: color('ink'),
          },
        },
        color: {
          field: 'kind',
          type: 'nominal',
          scale: { domain: kinds, range: [color('blue'), color('soft'), color('orange')] },
          legend: { title: null, symbolOpacity: 1 },
        },
      },
      layer: [
        {
          data: { values: values.slice(0, 1) },
          mark: { type: 'rule', strokeDash: [4, 3] },
          encoding: { x: { field: 'value', type: 'quantitative' }, y: null, color: { value: color('blue') } },
        },
        {
          data: { values: seeds },
          mark: { type: 'tick', thickness: 1, size: 12, opacity: 0.6 },
          encoding: { x: { field: 'value', type: 'quantitative' } },
        },
        {
          data: { values: values.filter((each) => each.low !== null) },
          mark: { type: 'rule', strokeWidth: 1.8 },
          encoding: { x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
        },
        {
          data: { values },
          mark: { type: 'point', size: 85 },
          encoding: {
            shape: {
              field: 'kind',
              type: 'nominal',
              scale: { domain: kinds, range: ['square', 'circle', 'triangle-up'] },
            },
            x: {
              field: 'value',
              type: 'quantitative',
              scale: { zero: false, padding: 10 },
              axis: { title: metric, tickCount: 7 },
            },
          },
        },
      ],
    },
    data: {
      columns: ['Strategy', 'Kind', metric, '95 % interval', `SD over ${repeatWord(track)}s`],
      rows: rows.map(({ row, value }) => [
        row.title,
        KIND_WORDS[row.kind],
        decimal(value),
        interval(row.interval),
        decimal(deviation(row.perSeed.map((seed) => seed.pooled[track.primaryMetric]))),
      ]),
    },
  };
}

/** Titles that differ: a second "FedAvg" becomes "FedAvg (2)". */
function distinct(titles: readonly string[]): string[] {
  return titles.map((title, i) => {
    const before = titles.slice(0, i).filter((each) => each === title).length;
    return before === 0 ? title : `${title} (${before + 1})`;
  });
}
