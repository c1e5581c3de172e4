import { figureMarkup } from '../figures/figure.ts';
import { KIND_WORDS, strategiesFigure } from '../figures/strategies.ts';
import { metricColumns, metricLabel } from '../metric-names.ts';
import { decimal, deviation, interval, mean } from '../numbers.ts';
import { repeatsText, repeatWord } from '../repeats.ts';
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
    `Pooled test metrics, mean over ${track.seeds.length === 1 ? 'one seed' : repeatsText(track)}. ` +
    `Difference: the study minus the row, paired by ${track.splits === undefined ? 'patient' : 'split'}. ` +
    `${track.splits === undefined ? '' : 'SD: standard deviation over splits. '}Within noise: smaller than .01, or an interval with 0 in it.`,
  columns: [
    { head: 'Strategy' },
    { head: metric, numeric: true },
    ...(track.splits === undefined ? [] : [{ head: 'SD', numeric: true }]),
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
${everyMetric(track)}
${track.strategies.length < 2 ? html`<p class="small">No baseline was run: nothing can be said of what federating brings.</p>` : ''}
${track.splits === undefined ? '' : html`<p class="small">The sections below are of the first split.</p>`}
${notes.length > 0 ? html`<ul class="notes small">${notes.map((row) => html`<li><b>${row.title}.</b> ${row.note}</li>`)}</ul>` : ''}`;
}

/** The metrics for which the table above has no room, of the study. */
function everyMetric(track: TrackReport): Markup {
  const study = track.strategies[0];
  const metrics = metricColumns(study?.perSeed.map(({ pooled }) => pooled) ?? [], track.primaryMetric);
  if (study === undefined || metrics.length < 2) return html``;
  return html`<details><summary>All test metrics of this study</summary>${table({
    caption: `Mean over ${repeatsText(track)}. SD: standard deviation over ${repeatWord(track)}s.`,
    columns: [
      { head: 'Metric' },
      { head: 'Pooled', numeric: true },
      { head: 'SD', numeric: true },
      { head: 'Mean site', numeric: true },
    ],
    rows: metrics.map((id) => ({
      cells: [
        metricLabel(id),
        decimal(pooledMean(study, id)),
        decimal(deviation(study.perSeed.map(({ pooled }) => pooled[id]))),
        decimal(mean(study.perSeed.map(({ meanSite }) => meanSite[id]))),
      ],
    })),
  })}</details>`;
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
      ...(track.splits === undefined ? [] : [decimal(row.deviation)]),
      interval(row.interval),
      decimal(mean(row.perSeed.map((seed) => seed.meanSite[metric]))),
      decimal(mean(row.perSeed.map((seed) => seed.worstSubset))),
      ...others.map((id) => decimal(pooledMean(row, id))),
      isStudy ? '' : differenceText(row),
      words === VERDICT_WORDS['study worse'] ? html`<span class="missed">${words}</span>` : words,
    ],
  };
}
