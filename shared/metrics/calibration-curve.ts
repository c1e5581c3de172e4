import { type ScoreGroups, totalsOf } from './score-groups.ts';

export const CALIBRATION_BINS = 15;

export interface CalibrationPoint {
  /** Mean predicted probability. */
  readonly predicted: number;
  /** Share of positives. */
  readonly observed: number;
  readonly patients: number;
}

/**
 * The reliability diagram over bins of (nearly) equal numbers of patients. Tied patients are never split, so a bin
 * closes with the first group at which its share of the patients is reached; there may be fewer points than `bins`.
 * @param options.minCell a point with fewer patients joins its neighbour.
 */
export function calibrationCurve(
  groups: ScoreGroups,
  options: { readonly bins?: number; readonly minCell?: number } = {},
): CalibrationPoint[] {
  const { patients } = totalsOf(groups);
  const bins = options.bins ?? CALIBRATION_BINS;
  const minCell = options.minCell ?? 1;
  const closed: OpenPoint[] = [];
  let open: OpenPoint = { positives: 0, scores: 0, patients: 0 };
  let seen = 0;
  groups.positive.forEach((positive, g) => {
    const here = positive + (groups.negative[g] as number);
    if (here === 0) return;
    open = {
      positives: open.positives + positive,
      scores: open.scores + (groups.scoreSum[g] as number),
      patients: open.patients + here,
    };
    // In patients * bins, so that equal shares are compared without rounding.
    const before = Math.floor((seen * bins) / patients);
    seen += here;
    const after = Math.floor((seen * bins) / patients);
    if (after > before && open.patients >= minCell) {
      closed.push(open);
      open = { positives: 0, scores: 0, patients: 0 };
    }
  });
  if (open.patients > 0) {
    const last = open.patients < minCell ? closed.pop() : undefined;
    closed.push(last === undefined ? open : join(last, open));
  }
  return closed
    .filter((point) => point.patients >= minCell)
    .map((point) => ({
      predicted: point.scores / point.patients,
      observed: point.positives / point.patients,
      patients: point.patients,
    }));
}

/** Expected calibration error: mean over patients of |predicted - observed| of their bin. Null without patients. */
export function expectedCalibrationError(groups: ScoreGroups): number | null {
  const points = calibrationCurve(groups);
  const patients = points.reduce((sum, point) => sum + point.patients, 0);
  if (patients === 0) return null;
  return points.reduce((sum, p) => sum + p.patients * Math.abs(p.predicted - p.observed), 0) / patients;
}

interface OpenPoint {
  readonly positives: number;
  readonly scores: number;
  readonly patients: number;
}

function join(a: OpenPoint, b: OpenPoint): OpenPoint {
  return {
    positives: a.positives + b.positives,
    scores: a.scores + b.scores,
    patients: a.patients + b.patients,
  };
}
