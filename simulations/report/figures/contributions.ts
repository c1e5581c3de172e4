import { count } from '../numbers.ts';
import type { RoundRow, TrackReport } from '../report-data.ts';
import { blockNames } from './block-curves.ts';
import type { Figure } from './figure.ts';
import { color, SERIES_COLORS } from './theme.ts';

/** Above so many sites, a grid of sites says less than the share of holders that answered. */
const MAX_SITES = 12;
const MAX_PANELS = 16;
const MAX_REASONS = 3;
const OTHER = 'other reason';

/** Who contributed to which block in which round. */
export function contributionsFigure(track: TrackReport): Figure | null {
  const blocks = blockNames(track).slice(0, MAX_PANELS);
  if (blocks.length === 0) return null;
  return track.sites.length > MAX_SITES ? sharesFigure(track, blocks) : gridFigure(track, blocks);
}

function gridFigure(track: TrackReport, blocks: readonly string[]): Figure | null {
  const { rounds } = track.main;
  const states = stateNames(rounds);
  const values = rounds.flatMap((round) =>
    blocks.flatMap((block) =>
      track.sites.flatMap((site) => {
        const state = stateOf(round, block, site.id, holders(track, block), states);
        return state === null ? [] : [{ round: round.round, block, site: site.id, state }];
      }),
    ),
  );
  if (values.length === 0) return null;
  const width = 330;
  const size = Math.max(4, Math.min(12, (width / Math.max(1, rounds.length)) * 0.8));
  const shapes = ['square', 'cross', 'triangle-up', 'diamond', 'triangle-down'];
  return {
    id: 'contributions',
    title: 'Who contributed what',
    description:
      'One panel per block, a row per site and a column per round. A square: the contribution was accepted. Other ' +
      'marks: the site holds the block but was missing, by reason. Empty: the site does not hold it.',
    specification: {
      data: { values },
      facet: { field: 'block', type: 'nominal', title: null },
      columns: 2,
      spacing: { row: 20, column: 20 },
      spec: {
        width,
        height: { step: 17 },
        mark: { type: 'point', size: size * size },
        encoding: {
          x: {
            field: 'round',
            type: 'quantitative',
            axis: { title: 'Round', grid: false, tickMinStep: 1, format: 'd' },
            scale: { nice: false, zero: false, padding: 8 },
          },
          y: {
            field: 'site',
            type: 'ordinal',
            scale: { domain: track.sites.map((site) => site.id) },
            axis: { title: null, domain: false, ticks: false, labelLimit: 180 },
          },
          color: {
            field: 'state',
            type: 'nominal',
            scale: { domain: states, range: [color('blue'), ...SERIES_COLORS.slice(1)] },
            legend: { title: null },
          },
          shape: { field: 'state', type: 'nominal', scale: { domain: states, range: shapes } },
        },
      },
    },
    data: contributorTable(track, blocks),
  };
}

function sharesFigure(track: TrackReport, blocks: readonly string[]): Figure {
  const values = track.main.rounds.flatMap((round) =>
    round.blocks
      .filter((row) => blocks.includes(row.block))
      .map((row) => ({
        round: round.round,
        block: row.block,
        share: row.contributors.length / Math.max(1, holders(track, row.block).size),
      })),
  );
  return {
    id: 'contributions',
    title: 'Who contributed what',
    description:
      `Share of the holders of each block whose contribution was accepted, by round (${count(track.sites.length)} sites; ` +
      'contributions.csv names them).',
    specification: {
      data: { values },
      facet: { field: 'block', type: 'nominal', title: null },
      columns: 4,
      spacing: { row: 20, column: 14 },
      spec: {
        width: 178,
        height: 84,
        mark: { type: 'line', color: color('blue'), point: { size: 16, color: color('blue') } },
        encoding: {
          x: {
            field: 'round',
            type: 'quantitative',
            axis: { title: 'Round', grid: false, tickMinStep: 1, format: 'd', tickCount: 4 },
            scale: { nice: false, zero: false, padding: 4 },
          },
          y: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1] },
            axis: { title: null, tickCount: 3, format: '.0%' },
          },
        },
      },
    },
    data: contributorTable(track, blocks),
  };
}

/**
 * The sites that may contribute to a block: holders of an encoder's modality, as the census counts them, and whoever
 * did contribute; all sites for blocks without a modality.
 */
export function holders(track: TrackReport, block: string): ReadonlySet<string> {
  const modality = /^encoder:(.+)$/.exec(block)?.[1];
  const holding = track.sites
    .filter((site) => modality === undefined || (site.modalityPatients[modality] ?? 0) > 0)
    .map((site) => site.id);
  const seen = track.main.rounds.flatMap((round) =>
    round.blocks.filter((row) => row.block === block).flatMap((row) => row.contributors),
  );
  return new Set([...holding, ...seen]);
}

/** "contributed", then the commonest reasons for which sites were missing, the rest as one. */
function stateNames(rounds: readonly RoundRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { missing } of rounds) {
    for (const { reason } of missing) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const reasons = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([reason]) => reason);
  const rest = reasons.length > MAX_REASONS ? [OTHER] : [];
  return ['contributed', ...reasons.slice(0, MAX_REASONS), ...rest];
}

function stateOf(
  round: RoundRow,
  block: string,
  site: string,
  holding: ReadonlySet<string>,
  states: readonly string[],
): string | null {
  const row = round.blocks.find((each) => each.block === block);
  if (row?.contributors.includes(site)) return 'contributed';
  const reason = round.missing.find((each) => each.site === site)?.reason;
  if (reason === undefined || !holding.has(site)) return null;
  return states.includes(reason) ? reason : OTHER;
}

function contributorTable(track: TrackReport, blocks: readonly string[]): Figure['data'] {
  const isSmall = track.sites.length <= MAX_SITES;
  return {
    columns: ['Round', ...blocks, 'Missing'],
    rows: track.main.rounds.map((round) => [
      String(round.round),
      ...blocks.map((block) => {
        const contributors = round.blocks.find((row) => row.block === block)?.contributors ?? [];
        if (!isSmall) return count(contributors.length);
        return contributors.length === 0 ? 'none' : contributors.join(', ');
      }),
      missingText(round, isSmall),
    ]),
  };
}

/** "iowa (declined)" in small federations; counts by reason in large ones. */
export function missingText(round: RoundRow, named: boolean): string {
  if (round.missing.length === 0) return 'none';
  if (named) return round.missing.map(({ site, reason }) => `${site} (${reason})`).join(', ');
  const reasons = [...new Set(round.missing.map(({ reason }) => reason))].sort();
  return reasons
    .map((reason) => `${count(round.missing.filter((each) => each.reason === reason).length)} ${reason}`)
    .join(', ');
}
