import { metricLabel } from '../metric-names.ts';
import { decimal, mean } from '../numbers.ts';
import type { RarityExperiment } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { lineLayers, SERIES_COLORS, SERIES_SHAPES } from './theme.ts';

/** Rounds until the target against the rarity of a modality, by the exponent that tempers rare blocks. */
export function rarityFigure(experiment: RarityExperiment): Figure | null {
  const { points, target } = experiment;
  if (points.length === 0) return null;
  const betas = [...new Set(points.map((point) => point.beta))].sort((a, b) => a - b);
  const name = (beta: number): string => `β = ${beta}`;
  const cells = cellsOf(experiment);
  const reached = points.flatMap((point) => (point.rounds === null ? [] : [point.rounds]));
  const ceiling = Math.max(1, ...reached) * 1.12;
  const means = cells
    .filter((cell) => cell.missed === 0)
    .map((cell) => ({ ...cell, series: name(cell.beta) }));
  const seeds = points.map((point) => ({
    rarity: point.rarity,
    series: name(point.beta),
    rounds: point.rounds ?? ceiling,
    missed: point.rounds === null,
  }));
  const hasMissed = seeds.some((seed) => seed.missed);
  const series = { field: 'series', type: 'nominal' };
  const legend = { title: null, symbolOpacity: 1 };
  const scale = (range: readonly unknown[]): object => ({ domain: betas.map(name), range });
  const marks = {
    color: { ...series, scale: scale(SERIES_COLORS), legend },
    shape: { ...series, scale: scale(SERIES_SHAPES), legend },
  };
  return {
    id: 'rarity',
    title: 'Rounds to target against rarity',
    description:
      `Generated patients: rounds until the rare modality alone reaches a validation ${metricLabel(experiment.metric)} ` +
      `of ${decimal(target)}, by the share of the weight that holds it and by the rarity exponent β. ` +
      'Lines join means over seeds; faint marks ' +
      `are single seeds${hasMissed ? '; hollow marks at the top never reached the target, and no mean is drawn there' : ''}.`,
    specification: {
      width: 620,
      height: 300,
      encoding: {
        x: {
          field: 'rarity',
          type: 'quantitative',
          scale: { nice: false, padding: 14 },
          axis: { title: 'Rarity ρ: share of the weight that holds the modality (left: rare)', tickCount: 8 },
        },
        y: {
          field: 'rounds',
          type: 'quantitative',
          scale: { domain: [0, ceiling * 1.04], nice: false },
          axis: { title: 'Rounds to target', tickCount: 6 },
        },
      },
      layer: [
        {
          data: { values: seeds.filter((seed) => !seed.missed) },
          mark: { type: 'point', size: 36, opacity: 0.4 },
          encoding: marks,
        },
        {
          data: { values: seeds.filter((seed) => seed.missed) },
          mark: { type: 'point', size: 70, filled: false, strokeWidth: 1.6 },
          encoding: marks,
        },
        ...lineLayers(betas.map(name), (i) => means.filter((cell) => cell.beta === betas[i])),
        { data: { values: means }, mark: { type: 'point', size: 90 }, encoding: marks },
      ],
    },
    data: {
      columns: ['Rarity', 'Exponent', 'Mean rounds', 'Seeds', 'Never reached'],
      rows: cells.map((cell) => [
        decimal(cell.rarity),
        name(cell.beta),
        cell.missed > 0 || cell.rounds === null ? '–' : cell.rounds.toFixed(1),
        String(cell.seeds),
        String(cell.missed),
      ]),
    },
  };
}

interface Cell {
  readonly rarity: number;
  readonly beta: number;
  readonly rounds: number | null;
  readonly seeds: number;
  readonly missed: number;
}

/** One cell per exponent and rarity: a mean over seeds that all reached the target, else only their number. */
function cellsOf({ points }: RarityExperiment): Cell[] {
  const keys = [...new Set(points.map((point) => JSON.stringify([point.beta, point.rarity])))];
  return keys
    .map((key) => {
      const own = points.filter((point) => JSON.stringify([point.beta, point.rarity]) === key);
      const { beta, rarity } = own[0] as (typeof points)[number];
      const missed = own.filter((point) => point.rounds === null).length;
      return { beta, rarity, rounds: mean(own.map((point) => point.rounds)), seeds: own.length, missed };
    })
    .sort((a, b) => a.beta - b.beta || a.rarity - b.rarity);
}
