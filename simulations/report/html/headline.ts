import { metricLabel } from '../metric-names.ts';
import { count, decimal, interval, plural, signed } from '../numbers.ts';
import { repeatsText } from '../repeats.ts';
import type { ReportData, TrackReport } from '../report-data.ts';
import { targetOutcome, trackHeadline } from '../verdict.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** Title, what was trained on whom, and one line per track. */
export function reportHeader(data: ReportData): Markup {
  const first = data.tracks[0];
  return html`<header class="top">
<p class="kicker">Consilium simulation report · study ${data.study.id} · ${data.createdAt.replace(/^(.{10})T(.{5}).*Z$/, '$1 $2 UTC')}</p>
<h1>${data.title}</h1>
${first ? html`<p class="lead">${sentence(data, first)}</p>` : html`<p class="lead">No track was evaluated.</p>`}
</header>`;
}

/** All tracks side by side, where there are several. */
export function trackOverview(data: ReportData): Markup {
  if (data.tracks.length < 2) return html``;
  return table({
    caption: 'The tracks of this study',
    columns: [
      { head: 'Track' },
      { head: 'Metric' },
      { head: 'Pooled', numeric: true },
      { head: '95 % interval', numeric: true },
      { head: 'Mean over sites', numeric: true },
      { head: 'Targets' },
    ],
    rows: data.tracks.map((track, i) => {
      const headline = trackHeadline(track);
      return {
        cells: [
          html`<a href="#track-${i + 1}">${track.title}</a>`,
          metricLabel(track.primaryMetric),
          decimal(headline.primary),
          interval(headline.interval),
          decimal(headline.meanSite),
          targetsLine(track),
        ],
      };
    }),
  });
}

/** The few numbers of one track that a reader wants first, and its targets. */
export function trackHeadlineMarkup(track: TrackReport): Markup {
  const headline = trackHeadline(track);
  const metric = metricLabel(track.primaryMetric);
  const hurt =
    headline.compared === 0
      ? 'no site could be compared'
      : headline.hurt === 0
        ? `no site of ${count(headline.compared)} loses .01 or more`
        : `${plural(headline.hurt, 'site')} of ${count(headline.compared)} ${headline.hurt === 1 ? 'loses' : 'lose'} .01 or more`;
  return html`<div class="metrics">
${metricBox('first', `${metric}, pooled test patients`, decimal(headline.primary), intervalNote(headline.interval))}
${metricBox('', 'Mean over sites', decimal(headline.meanSite), `${plural(sitesWith(track, 'test'), 'site')}, ${repeatsText(track)}`)}
${metricBox('', 'Worst modality subset', decimal(headline.worstSubset), `of ${count(track.main.subsets.length)} evaluated`)}
${metricBox('', 'Gain over training alone', signed(headline.meanGain), track.splits === undefined ? hurt : `${hurt}; first split`)}
</div>
${targetsTable(track)}`;
}

function metricBox(extra: string, name: string, value: string, note: string): Markup {
  return html`<div class="metric ${extra}"><div class="name">${name}</div><div class="value">${value}</div><div
 class="note">${note}</div></div>`;
}

function intervalNote(bounds: readonly [number, number] | null): string {
  return bounds === null ? 'no interval' : `95 % interval ${interval(bounds)}`;
}

function targetsTable(track: TrackReport): Markup {
  if (track.targets.length === 0) return html`<p class="small">No target was set for this track.</p>`;
  return table({
    caption: 'Targets, set before the run',
    columns: [
      { head: 'Target' },
      { head: 'Asked', numeric: true },
      { head: 'Reached', numeric: true },
      { head: '' },
    ],
    rows: track.targets.map((target) => {
      const outcome = targetOutcome(target);
      const mark = outcome.reached === null ? 'quiet' : outcome.reached ? 'reached' : 'missed';
      const sign = target.better === 'higher' ? '≥' : '≤';
      const symbol = outcome.reached === null ? '' : outcome.reached ? '✓ ' : '✗ ';
      return {
        cells: [
          target.name,
          `${sign} ${decimal(target.target)}`,
          decimal(target.reached),
          html`<span class="${mark}">${symbol}${outcome.text}</span>`,
        ],
      };
    }),
  });
}

function targetsLine(track: TrackReport): string | Markup {
  if (track.targets.length === 0) return 'none set';
  const met = track.targets.filter((target) => targetOutcome(target).reached === true).length;
  const all = met === track.targets.length;
  return html`<span class="${all ? 'reached' : 'missed'}">${all ? '✓' : '✗'} ${met} of ${track.targets.length} reached</span>`;
}

function sentence(data: ReportData, track: TrackReport): string {
  const sum = (part: 'train' | 'validation' | 'test'): number =>
    track.sites.reduce((total, site) => total + site.patients[part], 0);
  const rounds = track.main.rounds.length;
  return (
    `A ${data.study.task} model was trained on ${plural(sum('train'), 'patient')} of ` +
    `${plural(sitesWith(track, 'train'), 'site')} that hold ${plural(track.modalities.length, 'modality')} between them, ` +
    `in ${plural(rounds, 'round')} and without moving a patient record; settings were judged on ` +
    `${count(sum('validation'))} validation patients and the results below come from ${count(sum('test'))} test patients` +
    (track.splits === undefined
      ? '.'
      : `. All of it was repeated on ${repeatsText(track)} of the same patients; these counts are of the first.`)
  );
}

/** Where a site is left out, it trains nothing and is the only one with test patients. */
function sitesWith(track: TrackReport, part: 'train' | 'test'): number {
  return track.sites.filter(({ patients }) => patients[part] > 0).length;
}
