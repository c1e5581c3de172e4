import { metricLabel, metricName } from '../metric-names.ts';
import { count, decimal, interval, patients } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { color, FONT_SIZE, MAX_ROWS } from './theme.ts';

type Subset = TrackReport['main']['subsets'][number];

export interface RankedSubset extends Subset {
  readonly value: number | null;
  readonly isFull: boolean;
  readonly isWorst: boolean;
}

/** Subsets from best to worst on the primary metric; undefined ones last. */
export function rankedSubsets(track: TrackReport): RankedSubset[] {
  const sign = metricName(track.primaryMetric).better === 'higher' ? -1 : 1;
  const all = track.main.subsets.map((subset, i) => ({
    ...subset,
    value: subset.pooled[track.primaryMetric] ?? null,
    isFull: i === 0,
  }));
  const key = (value: number | null): number => (value === null ? Number.POSITIVE_INFINITY : sign * value);
  const sorted = all.sort((a, b) => (key(a.value) < key(b.value) ? -1 : key(a.value) > key(b.value) ? 1 : 0));
  const worst = sorted.findLast((subset) => subset.value !== null);
  return sorted.map((subset) => ({ ...subset, isWorst: sorted.length > 1 && subset === worst }));
}

/** The row that stands for the subsets left out. */
const GAP = 'gap';

/** The primary metric for every subset of modalities that a patient may come with. */
export function subsetsFigure(track: TrackReport): Figure | null {
  const ranked = rankedSubsets(track);
  const defined = ranked.filter((subset) => subset.value !== null);
  if (defined.length === 0) return null;
  const names = track.modalities.map((modality) => modality.id);
  const half = MAX_ROWS / 2;
  const drawn =
    defined.length > MAX_ROWS
      ? defined.filter((subset, i) => i < half || i >= defined.length - half || subset.isFull)
      : defined;
  const left = defined.length - drawn.length;
  const keys = drawn.flatMap((_, i) => (left > 0 && i === half ? [GAP, String(i)] : [String(i)]));
  const metric = metricLabel(track.primaryMetric);
  const rows = drawn.map((subset, i) => ({
    key: String(i),
    value: subset.value,
    low: subset.interval?.[0] ?? null,
    high: subset.interval?.[1] ?? null,
    role: subset.isFull ? 'all modalities' : subset.isWorst ? 'worst subset' : 'subset',
    text: `${decimal(subset.value)}  n=${patients(subset.patients)}`,
  }));
  const y = { field: 'key', type: 'ordinal', sort: null, scale: { domain: keys }, axis: null };
  const height = { step: 19 };
  const matrix = drawn.flatMap((subset, i) =>
    names.map((modality) => ({ key: String(i), modality, has: subset.subset.includes(modality) })),
  );
  const spans = drawn.map((subset, i) => {
    const held = names.filter((name) => subset.subset.includes(name));
    return { key: String(i), first: held[0] ?? null, last: held.at(-1) ?? null };
  });
  const roles = ['all modalities', 'subset', 'worst subset'];
  return {
    id: 'subsets',
    title: `${metric} by modality subset`,
    description:
      `Pooled test ${metric} when only the marked modalities of each patient are used, from best to worst, ` +
      `with 95 % intervals and the number of patients.` +
      (drawn.length < defined.length
        ? ` The ${half} best and ${half} worst of ${count(defined.length)} subsets.`
        : ''),
    specification: {
      spacing: 14,
      hconcat: [
        {
          width: { step: names.length > 10 ? 16 : 24 },
          height,
          data: { values: matrix },
          encoding: {
            y,
            x: {
              type: 'ordinal',
              scale: { domain: names },
              axis: {
                orient: 'top',
                title: null,
                labelAngle: -50,
                labelLimit: 180,
                domain: false,
                ticks: false,
                labelColor: color('ink'),
              },
            },
          },
          layer: [
            {
              data: { values: spans.filter((span) => span.first !== null) },
              mark: { type: 'rule', color: color('soft'), strokeWidth: 1.5 },
              encoding: { x: { field: 'first' }, x2: { field: 'last' } },
            },
            {
              transform: [{ filter: '!datum.has' }],
              mark: { type: 'point', size: 46, color: color('grid') },
              encoding: { x: { field: 'modality' } },
            },
            {
              transform: [{ filter: 'datum.has' }],
              mark: { type: 'point', size: 70, color: color('ink') },
              encoding: { x: { field: 'modality' } },
            },
          ],
        },
        {
          width: 500,
          height,
          data: { values: rows },
          encoding: {
            y,
            color: {
              field: 'role',
              type: 'nominal',
              scale: { domain: roles, range: [color('blue'), color('soft'), color('orange')] },
              legend: { title: null },
            },
          },
          layer: [
            {
              transform: [{ filter: 'datum.low !== null' }],
              mark: { type: 'rule', strokeWidth: 1.6 },
              encoding: {
                x: {
                  field: 'low',
                  type: 'quantitative',
                  scale: { zero: false, padding: 8 },
                  axis: { title: `${metric}, pooled test patients`, tickCount: 6 },
                },
                x2: { field: 'high' },
              },
            },
            {
              mark: { type: 'point', size: 70 },
              encoding: {
                x: { field: 'value', type: 'quantitative' },
                shape: {
                  field: 'role',
                  type: 'nominal',
                  scale: { domain: roles, range: ['square', 'circle', 'diamond'] },
                },
              },
            },
          ],
        },
        {
          width: 110,
          height,
          view: { stroke: null },
          data: { values: left > 0 ? [...rows, { key: GAP, text: `⋮ ${count(left)} between` }] : rows },
          mark: { type: 'text', align: 'left', x: 0, fontSize: FONT_SIZE, color: color('soft') },
          encoding: { y, text: { field: 'text', type: 'nominal' } },
        },
      ],
    },
    data: {
      columns: ['Subset', 'Patients', metric, '95 % interval'],
      rows: ranked.map((subset) => [
        subset.subset.join(' + '),
        patients(subset.patients),
        decimal(subset.value),
        interval(subset.interval),
      ]),
    },
  };
}
