import { figureMarkup } from '../figures/figure.ts';
import { perSiteFigure } from '../figures/per-site.ts';
import { metricColumns, metricLabel, metricName } from '../metric-names.ts';
import { count, decimal, patients, plural, SMALL_CELL_MARK, signed } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import { NOISE, siteGain } from '../verdict.ts';
import { html, type Markup } from './markup.ts';
import { type TableRow, table } from './table.ts';

const METRIC_COLUMNS = 5;
const OPEN_ROWS = 20;

/** Every site's own test result beside training alone. */
export async function sitesSection(track: TrackReport, prefix: string): Promise<Markup> {
  const { perSite } = track.main;
  const figure = perSiteFigure(track);
  const metrics = metricColumns(
    perSite.map((site) => site.metrics),
    track.primaryMetric,
    METRIC_COLUMNS,
  );
  const sites = table({
    caption:
      `Test metrics per site. ${SMALL_CELL_MARK}: fewer than 11 patients, suppressed at the site. ` +
      `Gain: federated against alone in ${metricLabel(track.primaryMetric)}, positive where joining helps.`,
    columns: [
      { head: 'Site' },
      { head: 'Patients', numeric: true },
      ...metrics.map((id) => ({ head: metricLabel(id), numeric: true })),
      { head: `${metricLabel(track.primaryMetric)} alone`, numeric: true },
      { head: 'Gain', numeric: true },
    ],
    rows: perSite.map((site) => siteRow(site, metrics, track.primaryMetric)),
  });
  return html`<h3 id="${prefix}-sites">Per site</h3>
${worstLine(track)}
${figure ? await figureMarkup(figure, prefix) : html`<p class="small">No site has a defined result of its own.</p>`}
${perSite.length > OPEN_ROWS ? html`<details><summary>All ${count(perSite.length)} sites</summary>${sites}</details>` : sites}`;
}

function siteRow(
  site: TrackReport['main']['perSite'][number],
  metrics: readonly string[],
  primary: string,
): TableRow {
  if (site.suppressed) {
    return { cells: [site.site, ...Array.from({ length: metrics.length + 3 }, () => SMALL_CELL_MARK)] };
  }
  const gain = siteGain(site, primary);
  const text = signed(gain);
  return {
    cells: [
      site.site,
      patients(site.patients),
      ...metrics.map((id) => decimal(site.metrics[id])),
      decimal(site.localOnly),
      gain !== null && gain <= -NOISE ? html`<span class="missed">${text}</span>` : text,
    ],
  };
}

function worstLine(track: TrackReport): Markup {
  const sign = metricName(track.primaryMetric).better === 'higher' ? 1 : -1;
  const defined = track.main.perSite.flatMap((site) => {
    const value = site.metrics[track.primaryMetric];
    return site.suppressed || typeof value !== 'number' ? [] : [{ site: site.site, value }];
  });
  const worst = [...defined].sort((a, b) => sign * (a.value - b.value))[0];
  if (worst === undefined || defined.length < 2) return html``;
  const suppressed = track.main.perSite.filter((site) => site.suppressed).length;
  return html`<p>The worst site is ${worst.site}, at ${metricLabel(track.primaryMetric)} ${decimal(worst.value)}${
    suppressed > 0 ? `; ${plural(suppressed, 'site')} had too few test patients to be shown` : ''
  }.</p>`;
}
