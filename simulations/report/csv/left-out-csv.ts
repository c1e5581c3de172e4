import { patientsCell } from '../numbers.ts';
import type { Estimate, LeftOutReport } from '../report-data.ts';
import { type CsvCell, csv } from './csv.ts';

/**
 * A row per strategy and left-out site, and per strategy for the mean over sites (`mean-site`) and all patients together
 * (`pooled`). Then the study's metrics with either start of a new site's bias, in rows of the strategies `bias-zero` and
 * `bias-prevalence`.
 */
export function leftOutCsv({ primaryMetric, sites, strategies, bias }: LeftOutReport): string {
  const patientsOf = new Map(sites.map(({ id, patients }) => [id, patients]));
  const all = sites.reduce((sum, { patients }) => sum + patients, 0);
  const rows = strategies.flatMap((row): CsvCell[][] => {
    const head = (of: string, patients: number) => [
      row.id,
      row.title,
      of,
      patientsCell(patients),
      primaryMetric,
    ];
    return [
      ...row.perSite.map(({ site, difference, worstSubset, ...own }) => [
        ...head(site, patientsOf.get(site) ?? 0),
        ...estimate(own),
        ...[difference?.mean, difference?.interval[0], difference?.interval[1], worstSubset],
      ]),
      [...head('mean-site', all), ...estimate(row.meanSite), ...estimate(row.difference), null],
      [...head('pooled', all), ...estimate(row.pooled), null, null, null, null],
    ];
  });
  const starts =
    bias === null
      ? []
      : ([
          ['bias-zero', bias.zero],
          ['bias-prevalence', bias.prevalence],
        ] as const);
  return csv(
    [
      ...['strategy', 'title', 'of', 'patients', 'metric', 'value', 'interval_low', 'interval_high'],
      ...['difference', 'difference_low', 'difference_high', 'worst_subset'],
    ],
    [
      ...rows,
      ...starts.flatMap(([id, { pooled, perSite }]) =>
        [...perSite, { site: 'pooled', metrics: pooled }].flatMap(({ site, metrics }) =>
          Object.entries(metrics).map(([metric, value]): CsvCell[] => [
            ...[id, 'This study', site, patientsCell(patientsOf.get(site) ?? all), metric, value],
            ...[null, null, null, null, null, null],
          ]),
        ),
      ),
    ],
  );
}

function estimate(of: Estimate | null): CsvCell[] {
  return [of?.value, of?.interval?.[0], of?.interval?.[1]];
}
