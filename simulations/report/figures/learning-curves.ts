import { metricLabel } from '../metric-names.ts';
import { decimal } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { color } from './theme.ts';

/** Training loss and validation metric over rounds, with the round whose model was kept. */
export function learningCurves(track: TrackReport): Figure | null {
  const { rounds, chosenRound } = track.main;
  if (!rounds.some((round) => round.loss !== null || round.validation !== null)) return null;
  const metric = metricLabel(track.primaryMetric);
  const panels = [
    panel(
      'Training loss',
      'blue',
      rounds.map(({ round, loss }) => ({ round, value: loss })),
    ),
    panel(
      `${metric}, validation`,
      'orange',
      rounds.map(({ round, validation }) => ({ round, value: validation })),
    ),
  ].filter((each) => each.points.length > 0);
  return {
    id: 'learning-curves',
    title: 'Learning curves',
    description:
      `Left to right: mean training loss of the contributing sites; pooled ${metric} on the validation patients. ` +
      `The dashed line marks round ${chosenRound}, chosen on validation data.`,
    specification: {
      hconcat: panels.map((each) =>
        specification(each, chosenRound, [rounds[0]?.round ?? 0, rounds.at(-1)?.round ?? 1]),
      ),
      spacing: 40,
    },
    data: {
      columns: ['Round', 'Loss', `${metric}, validation`],
      rows: rounds.map(({ round, loss, validation }) => [String(round), decimal(loss), decimal(validation)]),
    },
  };
}

interface Panel {
  readonly title: string;
  readonly hue: 'blue' | 'orange';
  readonly points: readonly { round: number; value: number | null }[];
}

function panel(title: string, hue: Panel['hue'], points: Panel['points']): Panel {
  return {
    title,
    hue,
    points: points.filter((point) => point.value !== null && Number.isFinite(point.value)),
  };
}

function specification(
  { title, hue, points }: Panel,
  chosenRound: number,
  domain: readonly [number, number],
): unknown {
  const shape = hue === 'blue' ? 'circle' : 'square';
  return {
    width: 370,
    height: 210,
    layer: [
      {
        data: {
          values: chosenRound >= domain[0] && chosenRound <= domain[1] ? [{ round: chosenRound }] : [],
        },
        mark: { type: 'rule', color: color('soft'), strokeDash: [4, 3] },
        encoding: { x: { field: 'round', type: 'quantitative' } },
      },
      {
        data: { values: points },
        mark: {
          type: 'line',
          color: color(hue),
          point: points.length <= 60 ? { size: 26, color: color(hue), shape } : false,
        },
        encoding: {
          x: {
            field: 'round',
            type: 'quantitative',
            axis: { title: 'Round', grid: false, tickMinStep: 1, format: 'd' },
            scale: { nice: false, zero: false, padding: 6, domain },
          },
          y: {
            field: 'value',
            type: 'quantitative',
            axis: { title, tickCount: 5 },
            scale: { zero: false },
          },
        },
      },
    ],
  };
}
