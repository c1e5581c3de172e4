import { CLAIM_TERMS, epsilonWords } from '../../../shared/privacy/claim.ts';
import { figureMarkup } from '../figures/figure.ts';
import { privacyFigure } from '../figures/privacy.ts';
import { metricColumns, metricLabel } from '../metric-names.ts';
import { decimal, interval, mean, patients } from '../numbers.ts';
import { repeatsText, repeatWord } from '../repeats.ts';
import type { PrivacyExperiment, PrivacySettingReport, TrackReport } from '../report-data.ts';
import { differenceText, verdict } from '../verdict.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** Accuracy and Brier score beside the AUROC, where those are what the task has. */
const METRICS = 3;
const WORDS = { noise: 'too small to tell', 'study better': 'worse', 'study worse': 'better', unknown: '' };

/** What noise on patients costs, and what is claimed for it at each site; nothing where the experiment was not run. */
export async function privacySection(track: TrackReport, prefix: string): Promise<Markup> {
  const { privacy, primaryMetric } = track;
  if (privacy === undefined) return html``;
  const { settings } = privacy;
  const metrics = metricColumns(
    settings.flatMap(({ row }) => row.perSeed.map(({ pooled }) => pooled)),
    primaryMetric,
    METRICS,
  );
  const figure = privacyFigure(privacy, track, metrics);
  return html`<h3 id="${prefix}-privacy">What noise on patients costs</h3>
<p>The study with its sums masked, first without noise, then with as much on each patient’s gradient as keeps every site within an
epsilon over all rounds. Noise wants settings of its own, so the rows with noise train otherwise than the first one.</p>
${figure ? await figureMarkup(figure, prefix) : ''}
${table({
  caption:
    `Pooled test metrics under secure aggregation, mean over ${repeatsText(track)}, in brackets the smallest and largest ${repeatWord(track)}. ` +
    'Difference: without noise minus the row, paired. Too small to tell: smaller than .01, or an interval with 0 in it.',
  columns: [
    { head: 'Noise' },
    { head: metricLabel(primaryMetric), numeric: true },
    { head: '95 % interval', numeric: true },
    ...metrics.slice(1).map((id) => ({ head: metricLabel(id), numeric: true })),
    { head: 'No noise − row', numeric: true },
    { head: '' },
  ],
  rows: settings.map(({ row, epsilon }) => ({
    cells: [
      row.title,
      spread(row, primaryMetric),
      interval(row.interval),
      ...metrics.slice(1).map((id) => spread(row, id)),
      epsilon === null ? '' : differenceText(row),
      epsilon === null ? '' : WORDS[verdict(row, primaryMetric)],
    ],
  })),
})}
${claims(privacy, track)}
<ul class="notes small">${settings
    .filter(({ row }) => row.note !== undefined)
    .map(({ row }) => html`<li><b>${row.title}.</b> ${row.note}</li>`)}</ul>`;
}

function spread({ perSeed }: PrivacySettingReport['row'], metric: string): string {
  const values = perSeed.flatMap(({ pooled }) => pooled[metric] ?? []);
  if (values.length < 2) return decimal(mean(values));
  return `${decimal(mean(values))} (${decimal(Math.min(...values))} to ${decimal(Math.max(...values))})`;
}

/** Everything that a figure of privacy is printed with. */
function claims({ settings }: PrivacyExperiment, { sites }: TrackReport): Markup {
  const noised = settings.filter(({ claims: each }) => each.length > 0);
  const [first] = noised;
  if (first === undefined) return html`<p class="small">No setting with noise could be run.</p>`;
  const trains = new Map(sites.map(({ id, patients: { train } }) => [id, train]));
  return html`${table({
    caption:
      `What is claimed at each site, of the first seed: epsilon over all ${first.claims[0]?.rounds} rounds, at that site’s delta, and the noise it ` +
      'takes, in clip norms a step.',
    columns: [
      { head: 'Site' },
      { head: 'Who train', numeric: true },
      { head: 'Delta', numeric: true },
      ...noised.map(({ row }) => ({ head: row.title, numeric: true })),
    ],
    rows: first.claims.map(({ site, delta }) => ({
      cells: [
        site,
        patients(trains.get(site)),
        String(delta),
        ...noised.map(({ claims: each }) => {
          const own = each.find((claim) => claim.site === site);
          return own === undefined ? '' : `${epsilonWords(own.epsilon)}, noise ${own.multiplier.toFixed(1)}`;
        }),
      ],
    })),
  })}
<p class="small">Unit: ${CLAIM_TERMS.unit}. Adjacency: ${CLAIM_TERMS.adjacency}. Site: ${CLAIM_TERMS.site}. Covered: ${CLAIM_TERMS.covered}.
Not covered: ${CLAIM_TERMS.notCovered.join('; ')}. Accountant: ${CLAIM_TERMS.accountant}.</p>`;
}
