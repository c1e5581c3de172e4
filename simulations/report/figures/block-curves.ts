import { decimal } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { color } from './theme.ts';

const MAX_PANELS = 16;

/** How far the server moved each block in each round. */
export function blockCurves(track: TrackReport): Figure | null {
  const { rounds } = track.main;
  const blocks = blockNames(track);
  const steps = rounds.flatMap(({ round, blocks: rows }) =>
    rows.map((row) => ({ round, block: row.block, norm: row.stepNorm, outcome: row.outcome })),
  );
  const drawn = blocks.slice(0, MAX_PANELS);
  const values = steps.filter((step) => drawn.includes(step.block));
  const merged = values.filter((step) => step.outcome === 'merged' && step.norm !== null && step.norm > 0);
  if (merged.length === 0) return null;
  const norms = merged.map((step) => step.norm ?? 1);
  const kept = values.filter((step) => step.outcome === 'kept');
  const x = {
    field: 'round',
    type: 'quantitative',
    axis: { title: 'Round', grid: false, tickMinStep: 1, format: 'd', tickCount: 4 },
    scale: { nice: false, padding: 4, domain: [rounds[0]?.round ?? 0, rounds.at(-1)?.round ?? 1] },
  };
  const facet = { field: 'block', type: 'nominal', title: null };
  const panel = {
    width: 178,
    height: 84,
    layer: [
      {
        transform: [{ filter: "datum.outcome === 'merged'" }],
        mark: { type: 'line', color: color('blue'), point: { size: 14, color: color('blue') } },
        encoding: {
          x,
          y: {
            field: 'norm',
            type: 'quantitative',
            scale: { type: 'log', nice: false, domain: [0.7 * Math.min(...norms), 1.3 * Math.max(...norms)] },
            axis: { title: null, values: logTicks(norms), format: '~g' },
          },
        },
      },
      {
        transform: [{ filter: "datum.outcome === 'kept'" }],
        mark: {
          type: 'point',
          shape: 'M-1,-1L1,1M-1,1L1,-1',
          filled: false,
          size: 24,
          strokeWidth: 1.6,
          color: color('orange'),
        },
        encoding: { x, y: { value: 80 } },
      },
    ],
  };
  return {
    id: 'block-curves',
    title: 'Learning per block',
    description:
      'L2 norm of the step that the server took on each block in each round (logarithmic, one scale for all). ' +
      (kept.length > 0 ? 'A cross at the foot: the block was kept as it was, for want of a quorum. ' : '') +
      (blocks.length > drawn.length ? `The first ${drawn.length} of ${blocks.length} blocks.` : ''),
    specification: {
      data: { values: [...merged, ...kept] },
      facet,
      columns: 4,
      spacing: { row: 22, column: 14 },
      spec: panel,
    },
    data: {
      columns: ['Round', ...blocks],
      rows: rounds.map(({ round, blocks: rows }) => [
        String(round),
        ...blocks.map((block) => {
          const row = rows.find((each) => each.block === block);
          return row?.outcome === 'kept' ? 'kept' : decimal(row?.stepNorm);
        }),
      ]),
    },
  };
}

/** The blocks that any round names, sorted. */
export function blockNames(track: TrackReport): string[] {
  return [...new Set(track.main.rounds.flatMap((round) => round.blocks.map((row) => row.block)))].sort();
}

/** Powers of ten within the range of `values`; with fewer than two of them, 2 and 5 times such powers too. */
function logTicks(values: readonly number[]): number[] {
  const low = 0.7 * Math.min(...values);
  const high = 1.3 * Math.max(...values);
  const exponents = Array.from({ length: 25 }, (_, i) => i - 12);
  const inside = (factors: readonly number[]): number[] =>
    exponents
      .flatMap((exponent) => factors.map((factor) => Number(`${factor}e${exponent}`)))
      .filter((tick) => tick >= low && tick <= high);
  const powers = inside([1]);
  return powers.length >= 2 ? powers : inside([1, 2, 5]);
}
