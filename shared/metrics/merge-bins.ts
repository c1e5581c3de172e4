import { SCORE_BINS, type ScoreSums } from './sums.ts';

/** Adjacent bins of one site's histogram that are told as one. */
export interface BinGroup {
  /** First and last bin, inclusive. */
  readonly from: number;
  readonly to: number;
  readonly positive: number;
  readonly negative: number;
  readonly scoreSum: number;
}

/**
 * Merges adjacent bins until each group has no patient of a class or at least `minCell` of it. Groups do not cross the
 * threshold of .5 unless one side alone is too small, so that accuracy and its kin stay exact.
 * @returns groups in order, the empty ones left out; none when a class has 1 to minCell - 1 patients in all.
 */
export function groupBins(scores: ScoreSums, minCell: number): BinGroup[] {
  const half = SCORE_BINS / 2;
  const sides = [greedy(scores, [0, half], minCell), greedy(scores, [half, SCORE_BINS], minCell)];
  const whole = sides.every((groups) => groups.every((group) => isLarge(group, minCell)))
    ? sides.flat()
    : greedy(scores, [0, SCORE_BINS], minCell);
  return whole.filter((group) => isLarge(group, minCell));
}

/** The groups as a histogram: each stands in the bin of its mean score, which lies within the group. */
export function scoresOfGroups(groups: readonly BinGroup[], totals: ScoreSums): ScoreSums {
  const merged = {
    positive: new Float64Array(SCORE_BINS),
    negative: new Float64Array(SCORE_BINS),
    scoreSum: new Float64Array(SCORE_BINS),
  };
  for (const group of groups) {
    const mean = group.scoreSum / (group.positive + group.negative);
    const bin = Math.min(group.to, Math.max(group.from, Math.floor(mean * SCORE_BINS)));
    merged.positive[bin] = group.positive;
    merged.negative[bin] = group.negative;
    merged.scoreSum[bin] = group.scoreSum;
  }
  return { ...merged, squaredError: totals.squaredError, logLoss: totals.logLoss };
}

/**
 * The lowest and highest AUROC that the sites' merged bins allow: [0, 1] of nothing known, a point where no two groups
 * overlap. Null with one class only.
 */
export function aurocInterval(sites: readonly (readonly BinGroup[])[]): readonly [number, number] | null {
  const groups = sites.flat();
  const positives = groups.reduce((sum, group) => sum + group.positive, 0);
  const negatives = groups.reduce((sum, group) => sum + group.negative, 0);
  if (positives === 0 || negatives === 0) return null;
  let sure = 0;
  let possible = 0;
  for (const above of groups) {
    if (above.positive === 0) continue;
    for (const below of groups) {
      const pairs = above.positive * below.negative;
      if (above.from > below.to) sure += pairs;
      if (above.to >= below.from) possible += pairs;
    }
  }
  return [sure / (positives * negatives), possible / (positives * negatives)];
}

/** Closes a group as soon as it is large enough; what is left over at the end joins the last one. */
function greedy(scores: ScoreSums, [start, end]: readonly [number, number], minCell: number): BinGroup[] {
  const closed: BinGroup[] = [];
  let open: BinGroup | undefined;
  for (let bin = start; bin < end; bin++) {
    const positive = scores.positive[bin] as number;
    const negative = scores.negative[bin] as number;
    if (positive + negative === 0) continue;
    const here = { from: bin, to: bin, positive, negative, scoreSum: scores.scoreSum[bin] as number };
    open = open === undefined ? here : joined(open, here);
    if (isLarge(open, minCell)) {
      closed.push(open);
      open = undefined;
    }
  }
  // The last closed group may itself become too small by what joins it: 0 positives and then 3.
  while (open !== undefined && !isLarge(open, minCell)) {
    const last = closed.pop();
    if (last === undefined) break;
    open = joined(last, open);
  }
  return open === undefined ? closed : [...closed, open];
}

function joined(a: BinGroup, b: BinGroup): BinGroup {
  return {
    from: a.from,
    to: b.to,
    positive: a.positive + b.positive,
    negative: a.negative + b.negative,
    scoreSum: a.scoreSum + b.scoreSum,
  };
}

function isLarge({ positive, negative }: BinGroup, minCell: number): boolean {
  return (positive === 0 || positive >= minCell) && (negative === 0 || negative >= minCell);
}
