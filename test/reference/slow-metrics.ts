/** Plain definitions over all pairs of patients; shares no code with what it checks. */

/** Share of (positive, negative) pairs in which the positive scores higher, ties half. */
export function pairwiseAuc(scores: readonly number[], truths: readonly number[]): number | null {
  let pairs = 0;
  let won = 0;
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (truths[i] !== 1 || truths[j] !== 0) return;
      pairs += 1;
      if (a > b) won += 1;
      else if (a === b) won += 0.5;
    });
  });
  return pairs === 0 ? null : won / pairs;
}

/** Average precision by asking, for each threshold that is a score, what recall it adds. */
export function slowAveragePrecision(scores: readonly number[], truths: readonly number[]): number | null {
  const positives = truths.filter((truth) => truth === 1).length;
  if (positives === 0 || positives === truths.length) return null;
  const thresholds = [...new Set(scores)].sort((a, b) => b - a);
  let area = 0;
  let recall = 0;
  for (const threshold of thresholds) {
    const called = truths.filter((_, i) => (scores[i] as number) >= threshold);
    const found = called.filter((truth) => truth === 1).length;
    area += (found / positives - recall) * (found / called.length);
    recall = found / positives;
  }
  return area;
}

export interface Survivor {
  readonly risk: number;
  readonly time: number;
  readonly event: number;
}

/** Harrell's C over all ordered pairs. */
export function slowConcordance(patients: readonly Survivor[]): { comparable: number; concordant: number } {
  let comparable = 0;
  let concordant = 0;
  for (const early of patients) {
    for (const late of patients) {
      const isComparable =
        early.event === 1 && (early.time < late.time || (early.time === late.time && late.event === 0));
      if (!isComparable) continue;
      comparable += 1;
      if (early.risk > late.risk) concordant += 1;
      else if (early.risk === late.risk) concordant += 0.5;
    }
  }
  return { comparable, concordant };
}

/** Mean over the classes that occur of the share of their patients who are called so; null unless two occur. */
export function slowBalancedAccuracy(called: readonly number[], truths: readonly number[]): number | null {
  const classes = [...new Set(truths)];
  if (classes.length < 2) return null;
  const recalls = classes.map((k) => {
    const members = called.filter((_, i) => truths[i] === k);
    return members.filter((each) => each === k).length / members.length;
  });
  return recalls.reduce((sum, recall) => sum + recall, 0) / classes.length;
}

/** Mean over the classes that occur or are called of the harmonic mean of precision and recall, 0 where either is 0. */
export function slowMacroF1(called: readonly number[], truths: readonly number[]): number | null {
  const classes = [...new Set([...called, ...truths])];
  if (classes.length === 0) return null;
  const scores = classes.map((k) => {
    const right = called.filter((each, i) => each === k && truths[i] === k).length;
    if (right === 0) return 0;
    const precision = right / called.filter((each) => each === k).length;
    const recall = right / truths.filter((each) => each === k).length;
    return 2 / (1 / precision + 1 / recall);
  });
  return scores.reduce((sum, score) => sum + score, 0) / classes.length;
}

/** The intercept a at which logit(p) + a makes the truths most likely, patient by patient. */
export function slowInTheLarge(scores: readonly number[], truths: readonly number[]): number {
  return argmax((a) => logLikelihood(scores, truths, { slope: 1, intercept: a }), [-30, 30]);
}

/** The slope at which slope · logit(p) + a makes the truths most likely, the best a being sought for each slope. */
export function slowCalibrationSlope(scores: readonly number[], truths: readonly number[]): number {
  const best = (slope: number) => (a: number) => logLikelihood(scores, truths, { slope, intercept: a });
  return argmax((slope) => best(slope)(argmax(best(slope), [-60, 60])), [-20, 20]);
}

function logLikelihood(
  scores: readonly number[],
  truths: readonly number[],
  { slope, intercept }: { readonly slope: number; readonly intercept: number },
): number {
  return scores.reduce((sum, p, i) => {
    const odds = Math.exp(intercept + slope * Math.log(p / (1 - p)));
    return sum - Math.log(truths[i] === 1 ? 1 + 1 / odds : 1 + odds);
  }, 0);
}

/** Of a concave function, by thirds. */
function argmax(of: (x: number) => number, [from, to]: readonly [number, number]): number {
  let [low, high] = [from, to];
  for (let round = 0; round < 60; round++) {
    const left = low + (high - low) / 3;
    const right = high - (high - low) / 3;
    if (of(left) < of(right)) low = left;
    else high = right;
  }
  return (low + high) / 2;
}
