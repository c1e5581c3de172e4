import { figureMarkup } from '../figures/figure.ts';
import { KIND_WORDS, strategiesFigure } from '../figures/strategies.ts';
import { metricColumns, metricLabel } from '../metric-names.ts';
import { decimal, interval, mean } from '../numbers.ts';
import type { StrategyRow, TrackReport } from '../report-data.ts';
import { differenceText, pooledMean, VERDICT_WORDS, verdict } from '../verdict.ts';
import { html, type Markup } from './markup.ts';
import { type TableRow, table } from './table.ts';

const METRIC_COLUMNS = 2;

/** The study beside its baselines, with differences and whether they are more than noise. */
export async function resultsSection(track: TrackReport, prefix: string): Promise<Markup> {
  const figure = strategiesFigure(track);
  const metric = metricLabel(track.primaryMetric);
  const others = metricColumns(
    track.strategies.flatMap((row) => row.perSeed.map((seed) => seed.pooled)),
    track.primaryMetric,
    METRIC_COLUMNS + 1,
  ).slice(1);
  const notes = track.strategies.filter((row) => row.note !== undefined && row.note !== '');
  return html`<h3 id="${prefix}-results">Results</h3>
${figure ? await figureMarkup(figure, prefix) : html`<p class="small">No strategy has a defined result.</p>`}
${table({
  caption:
    `Pooled test metrics, mean over ${track.seeds.length === 1 ? 'one seed' : `${track.seeds.length} seeds`}. ` +
    'Difference: the study minus the row, paired by patient. Within noise: smaller than .01, or an interval with 0 in it.',
  columns: [
    { head: 'Strategy' },
    { head: metric, numeric: true },
    { head: '95 % interval', numeric: true },
    { head: 'Mean site', numeric: true },
    { head: 'Worst subset', numeric: true },
    ...others.map((id) => ({ head: metricLabel(id), numeric: true })),
    { head: 'Study − row', numeric: true },
    { head: '' },
  ],
  rows: track.strategies.map((row, i) =>
    strategyRow(row, { track, others, before: track.strategies[i - 1] }),
  ),
})}
${track.strategies.length < 2 ? html`<p class="small">No baseline was run: nothing can be said of what federating brings.</p>` : ''}
${notes.length > 0 ? html`<ul class="notes small">${notes.map((row) => html`<li><b>${row.title}.</b> ${row.note}</li>`)}</ul>` : ''}`;
}

function strategyRow(
  row: StrategyRow,
  {
    track,
    others,
    before,
  }: { track: TrackReport; others: readonly string[]; before: StrategyRow | undefined },
): TableRow {
  const metric = track.primaryMetric;
  const isStudy = row.kind === 'study';
  const starts = before !== undefined && before.kind !== row.kind && !isStudy;
  const words = isStudy ? '' : VERDICT_WORDS[verdict(row, metric)];
  return {
    class: `${row.kind}${starts ? ' group' : ''}`,
    cells: [
      row.kind === 'sanity' ? `${row.title} (${KIND_WORDS.sanity})` : row.title,
      decimal(pooledMean(row, metric)),
      interval(row.interval),
      decimal(mean(row.perSeed.map((seed) => seed.meanSite[metric]))),
      decimal(mean(row.perSeed.map((seed) => seed.worstSubset))),
      ...others.map((id) => decimal(pooledMean(row, id))),
      isStudy ? '' : differenceText(row),
      words === VERDICT_WORDS['study worse'] ? html`<span class="missed">${words}</span>` : words,
    ],
  };
}
