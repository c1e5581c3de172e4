import { type ScoreGroups, totalsOf } from './score-groups.ts';

/** logit P(y = 1) = intercept + slope · logit(p). */
interface Recalibration {
  readonly slope: number;
  readonly intercept: number;
}

/** Mean scores closer to 0 or 1 count as this far away, so that the logit stays finite. */
const EDGE = 1e-6;
const ITERATIONS = 60;
/** A slope beyond this is a separated sample running to infinity, not an estimate. */
const SLOPE_LIMIT = 100;

/**
 * The slope of logit P(y = 1) against logit(p): 1 for a calibrated model, below 1 for one that is too sure. Maximum
 * likelihood with a free intercept (Newton with halved steps) on the groups' mean scores.
 * Null with one class only, with one distinct score, or where the classes are separated and no maximum exists.
 */
export function calibrationSlope(groups: ScoreGroups): number | null {
  const { positives, negatives } = totalsOf(groups);
  if (positives === 0 || negatives === 0) return null;
  const points = pointsOf(groups);
  if (points.length < 2) return null;
  let fit: Recalibration = { slope: 1, intercept: 0 };
  let loss = lossOf(points, fit);
  for (let round = 0; round < ITERATIONS; round++) {
    const step = newtonStep(points, fit);
    if (step === null) return null;
    let size = 1;
    let next = moved(fit, step, size);
    let nextLoss = lossOf(points, next);
    while (!(nextLoss <= loss) && size > 1e-6) {
      size /= 2;
      next = moved(fit, step, size);
      nextLoss = lossOf(points, next);
    }
    const change = Math.abs(next.slope - fit.slope) + Math.abs(next.intercept - fit.intercept);
    if (nextLoss <= loss) fit = next;
    loss = Math.min(loss, nextLoss);
    if (!(Math.abs(fit.slope) < SLOPE_LIMIT)) return null;
    if (change < 1e-10) return fit.slope;
  }
  return null;
}

/**
 * Calibration-in-the-large: the intercept of logit P(y = 1) = a + logit(p), the slope being 1. 0 for a calibrated
 * model, above 0 where risks are said too low. Van Calster et al. 2019, BMC Medicine 17:230. By maximum likelihood on
 * the groups' mean scores, at which a + logit(p) expects as many positives as there are. Null with one class only.
 */
export function calibrationInTheLarge(groups: ScoreGroups): number | null {
  const { positives, negatives } = totalsOf(groups);
  if (positives === 0 || negatives === 0) return null;
  const points = pointsOf(groups);
  // The expected number rises with a, and every logit is within EDGE: the root lies between.
  const base = Math.log(positives / negatives);
  const edge = Math.log((1 - EDGE) / EDGE);
  let low = base - edge;
  let high = base + edge;
  for (let round = 0; round < ITERATIONS; round++) {
    const middle = (low + high) / 2;
    const expected = points.reduce(
      (sum, { logit, positive, negative }) => sum + (positive + negative) * sigmoid(middle + logit),
      0,
    );
    if (expected < positives) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

interface Point {
  readonly logit: number;
  readonly positive: number;
  readonly negative: number;
}

function pointsOf(groups: ScoreGroups): Point[] {
  const points: Point[] = [];
  groups.positive.forEach((positive, g) => {
    const negative = groups.negative[g] as number;
    if (positive + negative === 0) return;
    const mean = (groups.scoreSum[g] as number) / (positive + negative);
    const p = Math.min(1 - EDGE, Math.max(EDGE, mean));
    points.push({ logit: Math.log(p / (1 - p)), positive, negative });
  });
  return points;
}

function lossOf(points: readonly Point[], { slope, intercept }: Recalibration): number {
  return points.reduce((sum, { logit, positive, negative }) => {
    const z = intercept + slope * logit;
    return sum + positive * softplus(-z) + negative * softplus(z);
  }, 0);
}

/** Null where the information matrix cannot be inverted. */
function newtonStep(points: readonly Point[], { slope, intercept }: Recalibration): Recalibration | null {
  let gradientA = 0;
  let gradientB = 0;
  let aa = 0;
  let ab = 0;
  let bb = 0;
  for (const { logit, positive, negative } of points) {
    const p = sigmoid(intercept + slope * logit);
    const residual = positive - (positive + negative) * p;
    const information = (positive + negative) * p * (1 - p);
    gradientA += residual;
    gradientB += residual * logit;
    aa += information;
    ab += information * logit;
    bb += information * logit * logit;
  }
  const determinant = aa * bb - ab * ab;
  if (!(determinant > 1e-12 * Math.max(aa * bb, Number.MIN_VALUE))) return null;
  return {
    intercept: (bb * gradientA - ab * gradientB) / determinant,
    slope: (aa * gradientB - ab * gradientA) / determinant,
  };
}

function moved(from: Recalibration, step: Recalibration, size: number): Recalibration {
  return { slope: from.slope + size * step.slope, intercept: from.intercept + size * step.intercept };
}

function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
