import { figureMarkup } from '../figures/figure.ts';
import { rankedSubsets, subsetsFigure } from '../figures/subsets.ts';
import { metricLabel } from '../metric-names.ts';
import { decimal, interval, mean, patients, plural } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** Full, mean and worst over the subsets of modalities, and each of them. */
export async function subsetsSection(track: TrackReport, prefix: string): Promise<Markup> {
  const figure = subsetsFigure(track);
  const ranked = rankedSubsets(track);
  const full = ranked.find((subset) => subset.isFull);
  const worst = ranked.find((subset) => subset.isWorst) ?? ranked[0];
  const average = mean(ranked.map((subset) => subset.value));
  return html`<h3 id="${prefix}-subsets">Modality subsets</h3>
${
  ranked.length === 0
    ? html`<p class="small">No subset was evaluated.</p>`
    : table({
        columns: [
          { head: 'Subset' },
          { head: metricLabel(track.primaryMetric), numeric: true },
          { head: '95 % interval', numeric: true },
          { head: 'Patients', numeric: true },
          { head: 'Modalities' },
        ],
        rows: [
          {
            cells: [
              'All modalities',
              decimal(full?.value),
              interval(full?.interval),
              patients(full?.patients),
              'all',
            ],
          },
          { cells: [`Mean of ${plural(ranked.length, 'subset')}`, decimal(average), '–', '–', ''] },
          {
            cells: [
              'Worst subset',
              decimal(worst?.value),
              interval(worst?.interval),
              patients(worst?.patients),
              worst?.subset.join(' + ') ?? '–',
            ],
          },
        ],
      })
}
${figure ? await figureMarkup(figure, prefix) : ''}`;
}
