import { degradationFigure } from '../figures/degradation.ts';
import { figureMarkup } from '../figures/figure.ts';
import { shapleyFigure } from '../figures/shapley.ts';
import type { TrackReport } from '../report-data.ts';
import { html, type Markup } from './markup.ts';

/** What each modality is worth, and what its loss costs. */
export async function modalitiesSection(track: TrackReport, prefix: string): Promise<Markup> {
  const figures = [shapleyFigure(track), degradationFigure(track)];
  const drawn = await Promise.all(figures.map((figure) => figure && figureMarkup(figure, prefix)));
  if (drawn.every((figure) => figure === null)) return html``;
  return html`<h3 id="${prefix}-modalities">Contribution of modalities</h3>
<div class="pair">${drawn.map((figure) => figure ?? '')}</div>`;
}
