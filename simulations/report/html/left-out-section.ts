import { metricLabel } from '../metric-names.ts';
import { decimal, interval, mean, patients, percent, plural, signed } from '../numbers.ts';
import type { Estimate, LeftOutBias, LeftOutReport, LeftOutRow } from '../report-data.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** Each site left out in turn: the study and its rivals at a site that took no part. */
export function leftOutSection(report: LeftOutReport): Markup {
  const metric = metricLabel(report.primaryMetric);
  const notes = report.strategies.filter(({ note }) => note !== undefined && note !== '');
  const all = report.sites.reduce((sum, site) => sum + site.patients, 0);
  return html`<section><h2 id="left-out">Each site left out in turn</h2>
<p>${plural(all, 'patient')} of ${plural(report.sites.length, 'site')}, each scored by a model of which the site had no part:
it trained nothing, declared nothing and sent nothing. Means over ${plural(report.seeds.length, 'seed')}.</p>
${table({
  caption: `${metric}. Mean over sites, with a 95 % interval by bootstrap within sites; difference: the study minus the row, paired by patient.`,
  columns: [
    { head: 'Strategy' },
    ...report.sites.map(({ id }) => ({ head: id, numeric: true })),
    { head: 'Mean', numeric: true },
    { head: '95 % interval', numeric: true },
    { head: 'Pooled', numeric: true },
    { head: 'Worst subset', numeric: true },
    { head: 'Study − row', numeric: true },
  ],
  rows: report.strategies.map((row) => ({
    cells: [
      row.title,
      ...row.perSite.map(({ value }) => decimal(value)),
      decimal(row.meanSite.value),
      interval(row.meanSite.interval),
      decimal(row.pooled.value),
      decimal(worstSubset(row)),
      differenceOf(row.difference),
    ],
  })),
})}
${siteTable(report)}
${report.bias === null ? '' : biasTable(report.bias)}
${notes.length > 0 ? html`<ul class="notes small">${notes.map((row) => html`<li><b>${row.title}.</b> ${row.note ?? ''}</li>`)}</ul>` : ''}
</section>`;
}

function siteTable({ sites, strategies, primaryMetric }: LeftOutReport): Markup {
  const study = strategies[0];
  if (study === undefined) return html``;
  return table({
    caption: `The study at each site that was left out, in ${metricLabel(primaryMetric)}. Worst subset: of those with patients there.`,
    columns: [
      { head: 'Left out' },
      { head: 'Patients', numeric: true },
      { head: 'Positive', numeric: true },
      { head: metricLabel(primaryMetric), numeric: true },
      { head: '95 % interval', numeric: true },
      { head: 'Worst subset', numeric: true },
    ],
    rows: study.perSite.map((row, i) => ({
      cells: [
        row.site,
        patients(sites[i]?.patients ?? 0),
        percent(sites[i]?.prevalence),
        decimal(row.value),
        interval(row.interval),
        decimal(row.worstSubset),
      ],
    })),
  });
}

const CALIBRATION = ['accuracy', 'brier', 'ece'] as const;

function biasTable({ zero, prevalence }: LeftOutBias): Markup {
  const rows = [...zero.perSite, { site: 'pooled', metrics: zero.pooled }];
  return table({
    caption:
      'What a new site knows of itself. Bias 0: nothing. Prevalence: the share of positives, here of the test patients themselves; it changes no order within a site.',
    columns: [
      { head: 'Left out' },
      ...CALIBRATION.flatMap((id) => [
        { head: `${metricLabel(id)}, bias 0`, numeric: true },
        { head: 'prevalence', numeric: true },
      ]),
    ],
    rows: rows.map(({ site, metrics }) => {
      const known =
        site === 'pooled'
          ? prevalence.pooled
          : prevalence.perSite.find((each) => each.site === site)?.metrics;
      return { cells: [site, ...CALIBRATION.flatMap((id) => [decimal(metrics[id]), decimal(known?.[id])])] };
    }),
  });
}

/** Mean over sites of each one's worst. */
export function worstSubset({ perSite }: LeftOutRow): number | null {
  return mean(perSite.map((site) => site.worstSubset));
}

function differenceOf(difference: Estimate | null): string {
  if (difference?.value === undefined || difference.value === null || difference.interval === null)
    return '–';
  return `${signed(difference.value)} (${signed(difference.interval[0])} to ${signed(difference.interval[1])})`;
}
