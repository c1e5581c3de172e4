interface MetricName {
  readonly label: string;
  readonly better: 'higher' | 'lower';
  /** A probability or share, for which a difference under .01 is called noise. */
  readonly unitScale: boolean;
}

const NAMES: Readonly<Record<string, MetricName>> = {
  auroc: { label: 'AUROC', better: 'higher', unitScale: true },
  accuracy: { label: 'Accuracy', better: 'higher', unitScale: true },
  brier: { label: 'Brier', better: 'lower', unitScale: true },
  auprc: { label: 'AUPRC', better: 'higher', unitScale: true },
  balancedAccuracy: { label: 'Bal. accuracy', better: 'higher', unitScale: true },
  f1: { label: 'F1', better: 'higher', unitScale: true },
  ece: { label: 'ECE', better: 'lower', unitScale: true },
  logLoss: { label: 'Log loss', better: 'lower', unitScale: false },
  cIndex: { label: 'C-index', better: 'higher', unitScale: true },
  rmse: { label: 'RMSE', better: 'lower', unitScale: false },
  mae: { label: 'MAE', better: 'lower', unitScale: false },
  r2: { label: 'R²', better: 'higher', unitScale: true },
  calibrationSlope: { label: 'Cal. slope', better: 'higher', unitScale: false },
  calibrationIntercept: { label: 'Cal. intercept', better: 'higher', unitScale: false },
  prevalence: { label: 'Prevalence', better: 'higher', unitScale: true },
  cIndexWithin: { label: 'C-index within sites', better: 'higher', unitScale: true },
};

/** Order in which metrics stand in tables, the primary one before all. */
const ORDER = Object.keys(NAMES);

/** How a metric is called in print; an unknown one keeps its own name and counts as "higher is better". */
export function metricName(id: string): MetricName {
  return Object.hasOwn(NAMES, id)
    ? (NAMES[id] as MetricName)
    : { label: id, better: 'higher', unitScale: false };
}

export function metricLabel(id: string): string {
  return metricName(id).label;
}

/** The metrics defined anywhere in `values`, the primary first, at most `limit`. */
export function metricColumns(
  values: readonly Readonly<Record<string, number | null>>[],
  primary: string,
  limit = Number.POSITIVE_INFINITY,
): string[] {
  const defined = new Set<string>();
  for (const row of values)
    for (const [id, value] of Object.entries(row)) if (value !== null) defined.add(id);
  defined.delete(primary);
  const rank = (id: string): number => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
  const rest = [...defined].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return [primary, ...rest].slice(0, limit);
}
