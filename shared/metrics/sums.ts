/** Scores fall into this many equal bins of [0, 1]. */
export const SCORE_BINS = 1000;

/**
 * What a site reports of its scored patients: sums only, mergeable by addition, from which pooled metrics follow
 * exactly (up to the width of a bin). No per-patient value is in it.
 */
export type EvaluationSums = ClassSums | RegressionSums | SurvivalSums;

/** Binary: one entry in `outputs`. Multiclass: one per class, one against the rest. Multilabel: one per label. */
export interface ClassSums {
  readonly kind: 'class';
  readonly patients: number;
  /** Patients whose most probable class is the true one (binary: threshold .5); multilabel: mean over labels, summed. */
  readonly correct: number;
  readonly outputs: readonly ScoreSums[];
  /**
   * Multiclass, patients by class k and by what the most probable class says: [K, 3] called k and of class k, called k
   * and of another, of class k and called another. All 0 from a site that must not tell them. Other tasks: empty.
   */
  readonly calls: Float64Array;
}

export interface ScoreSums {
  /** [SCORE_BINS] patients by score, of the positive and the negative. */
  readonly positive: Float64Array;
  readonly negative: Float64Array;
  /** [SCORE_BINS] sum of the scores in the bin. */
  readonly scoreSum: Float64Array;
  /** Sum over patients of (score - truth)². */
  readonly squaredError: number;
  /** Sum over patients of -log p(truth), p clipped to [1e-7, 1]. */
  readonly logLoss: number;
}

export interface RegressionSums {
  readonly kind: 'regression';
  readonly patients: number;
  readonly sumTruth: number;
  readonly sumTruthSquares: number;
  readonly squaredError: number;
  readonly absoluteError: number;
}

/** Cells per axis of {@link SurvivalSums.grid}. */
export const RISK_BINS = 200;
export const TIME_BINS = 200;

/** Harrell's C within the site exactly, and a grid from which the pooled C (pairs across sites too) follows up to ties. */
export interface SurvivalSums {
  readonly kind: 'survival';
  readonly patients: number;
  readonly events: number;
  readonly comparable: number;
  /** Concordant pairs plus half of the tied ones. */
  readonly concordant: number;
  /**
   * [2, RISK_BINS, TIME_BINS] patients by event (0 censored, 1 event), sigmoid(log-risk) and time / horizon,
   * the horizon being the census' mean + 4 deviations of time; later times fall into the last bin.
   */
  readonly grid: Float64Array;
}
