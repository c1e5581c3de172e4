import { blockCurves } from '../figures/block-curves.ts';
import { contributionsFigure, missingText } from '../figures/contributions.ts';
import { figureMarkup } from '../figures/figure.ts';
import { learningCurves } from '../figures/learning-curves.ts';
import { metricLabel } from '../metric-names.ts';
import { count, decimal, plural } from '../numbers.ts';
import type { RoundRow, TrackReport } from '../report-data.ts';
import { html, type Markup } from './markup.ts';
import { type TableRow, table } from './table.ts';

/** Names of sites are printed in the log only in federations up to this size. */
const MAX_NAMED_SITES = 12;

/** Curves, who contributed what, and the log of rounds. */
export async function trainingSection(track: TrackReport, prefix: string): Promise<Markup> {
  const figures = [learningCurves(track), blockCurves(track), contributionsFigure(track)];
  const drawn = await Promise.all(figures.map((figure) => figure && figureMarkup(figure, prefix)));
  const { rounds } = track.main;
  return html`<h3 id="${prefix}-training">Training</h3>
${rounds.length === 0 ? html`<p class="small">No round was recorded.</p>` : drawn.map((figure) => figure ?? '')}
${rounds.length === 0 ? '' : html`<details><summary>Log of ${plural(rounds.length, 'round')}</summary>${log(track)}</details>`}`;
}

function log(track: TrackReport): Markup {
  const named = track.sites.length <= MAX_NAMED_SITES;
  return table({
    columns: [
      { head: 'Round', numeric: true },
      { head: 'Block' },
      { head: 'Outcome' },
      { head: 'Contributors' },
      { head: 'Clipped', numeric: true },
      { head: 'Mean delta', numeric: true },
      { head: 'Step', numeric: true },
      { head: 'Loss', numeric: true },
      { head: metricLabel(track.primaryMetric), numeric: true },
      { head: 'Missing' },
    ],
    rows: track.main.rounds.flatMap((round) => roundRows(round, named)),
  });
}

/** A row per block; loss, metric and absentees stand in the first only. */
function roundRows(round: RoundRow, named: boolean): TableRow[] {
  const blocks: RoundRow['blocks'] =
    round.blocks.length > 0
      ? round.blocks
      : [{ block: '–', outcome: 'kept', contributors: [], deltaNorm: null, stepNorm: null, clipped: 0 }];
  return blocks.map((row, i) => ({
    ...(i === 0 ? { class: 'group' } : {}),
    cells: [
      i === 0 ? String(round.round) : '',
      row.block,
      row.reason === undefined ? row.outcome : `${row.outcome}: ${row.reason}`,
      named && row.contributors.length > 0 ? row.contributors.join(', ') : count(row.contributors.length),
      count(row.clipped),
      decimal(row.deltaNorm),
      decimal(row.stepNorm),
      i === 0 ? decimal(round.loss) : '',
      i === 0 ? decimal(round.validation) : '',
      i === 0 ? missingText(round, named) : '',
    ],
  }));
}
