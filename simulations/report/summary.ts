import { auditText } from './audit-summary.ts';
import { withoutControls } from './html/markup.ts';
import { leftOutText } from './left-out-summary.ts';
import { metricColumns, metricLabel } from './metric-names.ts';
import { decimal, interval, mean, plural, signed } from './numbers.ts';
import { repeatsText } from './repeats.ts';
import type { ReportData, StrategyRow, TrackReport } from './report-data.ts';
import { pooledMean, targetOutcome, trackHeadline, VERDICT_WORDS, verdict } from './verdict.ts';

const WIDTH = 100;
const TITLE_WIDTH = 32;
const MAX_ROWS = 30;

/** The results for a terminal: plain text, at most 100 columns, one table per track. Ends without a line feed. */
export function summaryText(data: ReportData): string {
  const head = clipped(`${data.title} (${data.study.id}, ${data.study.hash.slice(0, 12)})`, WIDTH);
  const leftOut = data.leftOut === undefined ? [] : [leftOutText(data.leftOut)];
  const audit = data.audit === undefined ? [] : [auditText(data.audit)];
  return [head, ...data.tracks.map(trackText), ...leftOut, ...audit].join('\n\n');
}

function trackText(track: TrackReport): string {
  const headline = trackHeadline(track);
  const patients = track.sites.reduce((sum, { patients: p }) => sum + p.train + p.validation + p.test, 0);
  const about = [
    plural(patients, 'patient'),
    plural(track.sites.length, 'site'),
    plural(track.modalities.length, 'modality'),
    plural(track.main.rounds.length, 'round'),
    repeatsText(track),
  ].join(', ');
  const shown = track.strategies.slice(0, MAX_ROWS);
  const gain =
    headline.compared === 0
      ? []
      : [
          `  against training alone: ${signed(headline.meanGain)} on average, ${plural(headline.hurt, 'site')} of ${headline.compared} worse by .01 or more`,
        ];
  const lines = [
    clipped(`${track.id}: ${track.title}`, WIDTH),
    `  ${about}`,
    '',
    row([
      '',
      metricLabel(track.primaryMetric),
      '95 % interval',
      'mean site',
      'worst sub.',
      'study − row',
      '',
    ]),
    ...shown.map((strategy) => strategyLine(strategy, track.primaryMetric)),
    ...(shown.length < track.strategies.length
      ? [`  … and ${track.strategies.length - shown.length} more`]
      : []),
    ...(gain.length > 0 ? ['', ...gain] : []),
    ...spreadLine(track),
    ...privacyLines(track),
    ...(track.targets.length > 0 ? ['', ...track.targets.map(targetLine)] : []),
  ];
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** Of repeated splits. */
function spreadLine({ splits, strategies }: TrackReport): string[] {
  if (splits === undefined) return [];
  return [
    `  standard deviation of this study over ${splits.count} splits: ${decimal(strategies[0]?.deviation)}; intervals and differences: over splits`,
  ];
}

/** Of the experiment `privacy`. */
function privacyLines({ privacy, primaryMetric }: TrackReport): string[] {
  if (privacy === undefined) return [];
  const rows = privacy.settings.map(({ row }) => row);
  const metrics = metricColumns(
    rows.flatMap(({ perSeed }) => perSeed.map(({ pooled }) => pooled)),
    primaryMetric,
    3,
  );
  const figures = (row: StrategyRow) =>
    metrics.map((id) => `${metricLabel(id)} ${decimal(pooledMean(row, id))}`).join(', ');
  return [
    '',
    '  under secure aggregation, by the noise on patients:',
    ...rows.map((row) => clipped(`    ${row.title.padEnd(12)} ${figures(row)}`, WIDTH)),
  ];
}

function strategyLine(strategy: StrategyRow, metric: string): string {
  const isStudy = strategy.kind === 'study';
  const marker = isStudy ? '* ' : strategy.kind === 'sanity' ? '? ' : '  ';
  return row([
    marker + strategy.title,
    decimal(pooledMean(strategy, metric)),
    interval(strategy.interval),
    decimal(mean(strategy.perSeed.map((seed) => seed.meanSite[metric]))),
    decimal(mean(strategy.perSeed.map((seed) => seed.worstSubset))),
    isStudy ? '' : signed(strategy.difference?.mean),
    isStudy ? '' : VERDICT_WORDS[verdict(strategy, metric)],
  ]);
}

function targetLine(target: TrackReport['targets'][number]): string {
  const outcome = targetOutcome(target);
  const sign = target.better === 'higher' ? '>=' : '<=';
  const mark = outcome.reached === null ? '–' : outcome.reached ? '✓' : '✗';
  const wanted = `${sign} ${decimal(target.target)}`;
  return clipped(
    `  ${mark} ${clipped(target.name, 40).padEnd(40)} ${wanted}: ${decimal(target.reached)}, ${outcome.text}`,
    WIDTH,
  );
}

function row(cells: readonly string[]): string {
  const [title = '', value = '', bounds = '', site = '', worst = '', difference = '', words = ''] = cells;
  return [
    clipped(title, TITLE_WIDTH).padEnd(TITLE_WIDTH),
    clipped(value, 9).padStart(9),
    bounds.padStart(16),
    site.padStart(10),
    worst.padStart(11),
    ` ${words === '' ? difference.padStart(11) : `${difference.padStart(6)} ${words}`}`,
  ].join('');
}

/** One line of at most `width` characters, without anything that could move a terminal's cursor. */
function clipped(text: string, width: number): string {
  const plain = [...withoutControls(text).replace(/[\t\n\r\u2028\u2029]+/g, ' ')];
  return plain.length <= width ? plain.join('') : `${plain.slice(0, width - 1).join('')}…`;
}
