import { calibrationFigure } from '../figures/calibration.ts';
import { fairnessFigure, widestGaps } from '../figures/fairness.ts';
import { figureMarkup } from '../figures/figure.ts';
import { metricColumns, metricLabel } from '../metric-names.ts';
import { decimal, patients } from '../numbers.ts';
import { repeatsText } from '../repeats.ts';
import type { TrackReport } from '../report-data.ts';
import { pooledMean } from '../verdict.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

const METRIC_COLUMNS = 6;

/** Whether predictions mean what they say, and for whom. */
export async function qualitySection(track: TrackReport, prefix: string): Promise<Markup> {
  const calibration = calibrationFigure(track);
  const fairness = fairnessFigure(track);
  const drawn = await Promise.all(
    [calibration, fairness].map((figure) => figure && figureMarkup(figure, prefix)),
  );
  const metrics = metricColumns(
    track.main.fairness.map((row) => row.metrics),
    track.primaryMetric,
    METRIC_COLUMNS,
  );
  const gaps = widestGaps(track).filter((gap) => gap.gap !== null);
  return html`<h3 id="${prefix}-calibration">Calibration and fairness</h3>
${calibration ? '' : html`<p class="small">No calibration curve: the task has no single probability, or too few patients.</p>`}
${
  gaps.length > 0
    ? html`<p>Widest gaps in ${metricLabel(track.primaryMetric)}: ${gaps
        .map((gap) => `${decimal(gap.gap)} by ${gap.group} (${gap.levels})`)
        .join('; ')}.</p>`
    : ''
}
${calibrationLine(track)}
<div class="pair">${drawn.map((figure) => figure ?? '')}</div>
${
  track.main.fairness.length === 0
    ? html`<p class="small">No groups of patients were compared.</p>`
    : table({
        caption: 'Test metrics by group of patients',
        columns: [
          { head: 'Group' },
          { head: 'Level' },
          { head: 'Patients', numeric: true },
          ...metrics.map((id) => ({ head: metricLabel(id), numeric: true })),
        ],
        rows: track.main.fairness.map((row) => ({
          cells: [
            row.group,
            row.level,
            patients(row.patients),
            ...metrics.map((id) => decimal(row.metrics[id])),
          ],
        })),
      })
}`;
}

/** Slope and intercept of the study, where the task has probabilities. */
function calibrationLine(track: TrackReport): Markup {
  const study = track.strategies[0];
  const slope = study ? pooledMean(study, 'calibrationSlope') : null;
  const intercept = study ? pooledMean(study, 'calibrationIntercept') : null;
  if (slope === null && intercept === null) return html``;
  return html`<p>Mean over ${repeatsText(track)}: calibration slope ${decimal(slope)} (1 is right; below 1, predictions are too sure); intercept
${decimal(intercept)} with slope 1 (0 is right; of several classes or labels, the mean distance from it).</p>`;
}
