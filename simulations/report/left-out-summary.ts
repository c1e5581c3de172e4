import { metricLabel } from './metric-names.ts';
import { decimal, interval, mean, plural, signed } from './numbers.ts';
import type { Estimate, LeftOutReport, LeftOutRow } from './report-data.ts';

const TITLE_WIDTH = 32;

/** Each site left out in turn, for a terminal: a row per strategy, then the study site by site. */
export function leftOutText({ primaryMetric, seeds, sites, strategies }: LeftOutReport): string {
  const all = sites.reduce((sum, { patients }) => sum + patients, 0);
  const study = strategies[0];
  return [
    `each site left out in turn: ${plural(all, 'patient')}, ${plural(sites.length, 'site')}, ${plural(seeds.length, 'seed')}`,
    line([
      metricLabel(primaryMetric),
      'mean site',
      '95 % interval',
      'pooled',
      'worst sub.',
      'study − row',
      '',
    ]),
    ...strategies.map(strategyLine),
    '',
    ...(study?.perSite ?? []).map(
      ({ site, ...own }) => `  ${site}: ${decimal(own.value)} (${interval(own.interval)})`,
    ),
  ].join('\n');
}

function strategyLine(row: LeftOutRow): string {
  const marker = row.kind === 'study' ? '* ' : row.kind === 'sanity' ? '? ' : '  ';
  return line([
    marker + row.title,
    decimal(row.meanSite.value),
    interval(row.meanSite.interval),
    decimal(row.pooled.value),
    decimal(mean(row.perSite.map(({ worstSubset }) => worstSubset))),
    row.kind === 'study' ? '' : signed(row.difference?.value),
    boundsOf(row.difference),
  ]);
}

function boundsOf(difference: Estimate | null): string {
  return difference === null || difference.interval === null
    ? ''
    : `(${signed(difference.interval[0])}, ${signed(difference.interval[1])})`;
}

function line(cells: readonly string[]): string {
  const [title = '', value = '', bounds = '', pooled = '', worst = '', difference = '', around = ''] = cells;
  return [
    title.slice(0, TITLE_WIDTH).padEnd(TITLE_WIDTH),
    value.padStart(10),
    bounds.padStart(15),
    pooled.padStart(8),
    worst.padStart(11),
    around === '' ? difference.padStart(12) : difference.padStart(7),
    around === '' ? '' : ` ${around}`,
  ]
    .join('')
    .trimEnd();
}
