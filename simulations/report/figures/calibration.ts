import { decimal, patients } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { color } from './theme.ts';

/** Keeps a bin visible whose neighbours have the same prediction. */
const MIN_WIDTH = 0.004;

/** Observed share against predicted probability, and where the predictions lie. */
export function calibrationFigure(track: TrackReport): Figure | null {
  const bins = track.main.calibration.filter(
    (bin) => Number.isFinite(bin.predicted) && Number.isFinite(bin.observed) && bin.patients > 0,
  );
  if (bins.length === 0) return null;
  const x = (title: string | null): unknown => ({
    field: 'predicted',
    type: 'quantitative',
    scale: { domain: [0, 1] },
    axis: title === null ? { title: null, labels: false, ticks: false } : { title, tickCount: 5 },
  });
  return {
    id: 'calibration',
    title: 'Calibration',
    description:
      `Share of positives against the mean predicted probability in ${bins.length} bins of equal mass; on the ` +
      'dashed diagonal, predictions mean what they say. Below: how many patients have such a prediction, per .1 of probability.',
    specification: {
      spacing: 10,
      vconcat: [
        {
          width: 340,
          height: 280,
          layer: [
            {
              data: { values: [{ a: 0, b: 1 }] },
              mark: { type: 'rule', color: color('soft'), strokeDash: [4, 3] },
              encoding: {
                x: { field: 'a', type: 'quantitative' },
                x2: { field: 'b' },
                y: { field: 'a', type: 'quantitative' },
                y2: { field: 'b' },
              },
            },
            {
              data: { values: bins },
              mark: { type: 'line', color: color('blue'), point: { size: 50, color: color('blue') } },
              encoding: {
                x: x(null),
                y: {
                  field: 'observed',
                  type: 'quantitative',
                  scale: { domain: [0, 1] },
                  axis: { title: 'Observed share', tickCount: 5 },
                },
              },
            },
          ],
        },
        {
          width: 340,
          height: 56,
          data: { values: histogram(bins) },
          mark: {
            type: 'rect',
            color: color('blue'),
            fillOpacity: 0.45,
            stroke: color('paper'),
            strokeWidth: 1,
          },
          encoding: {
            x: { ...(x('Predicted probability') as object), field: 'from' },
            x2: { field: 'to' },
            y: {
              field: 'density',
              type: 'quantitative',
              axis: { title: 'per .1', tickCount: 2, format: 'd' },
            },
            y2: { datum: 0 },
          },
        },
      ],
    },
    data: {
      columns: ['Bin', 'Predicted', 'Observed', 'Patients'],
      rows: bins.map((bin, i) => [
        String(i + 1),
        decimal(bin.predicted),
        decimal(bin.observed),
        patients(bin.patients),
      ]),
    },
  };
}

/** Patients per .1 of probability: each bin reaches half-way to its neighbours, and its area is its patients. */
function histogram(
  bins: TrackReport['main']['calibration'],
): { from: number; to: number; density: number }[] {
  const means = bins.map((bin) => bin.predicted).sort((a, b) => a - b);
  const edge = (i: number): number => {
    const below = means[i - 1];
    const above = means[i];
    if (below === undefined) return Math.max(0, 2 * (above ?? 0) - (means[1] === undefined ? 1 : edge(1)));
    if (above === undefined) return Math.min(1, 2 * below - (means[i - 2] === undefined ? 0 : edge(i - 1)));
    return (below + above) / 2;
  };
  const sorted = [...bins].sort((a, b) => a.predicted - b.predicted);
  return sorted.map((bin, i) => {
    const from = edge(i);
    const to = Math.max(edge(i + 1), from + MIN_WIDTH);
    return { from, to, density: (0.1 * bin.patients) / (to - from) };
  });
}
