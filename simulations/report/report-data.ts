import type { AuditReport } from '../audit/audit-report.ts';

/**
 * Everything that a report shows. `null` where a figure is not defined or its cell is too small. Counts of patients and
 * of their files are exact: whatever is written for others to see prints 1 to 10 as "<11".
 */
export interface ReportData {
  readonly schema: 'consilium/report/1';
  readonly title: string;
  readonly createdAt: string;
  readonly study: StudySummary;
  /** One or more evaluations of the same study: the tracks that ship with it, or one. */
  readonly tracks: readonly TrackReport[];
  /** Where two tracks or more each leave one site out: what they come to together. */
  readonly leftOut?: LeftOutReport;
  readonly environment: {
    readonly version: string;
    readonly node: string;
    readonly platform: string;
    readonly backend: string;
    readonly backendLine: string;
    readonly workers: number;
    readonly durationSeconds: number;
  };
  /** What attacks on the first seed of the first track came to, where they were asked for. */
  readonly audit?: AuditReport;
  /** "rounds to target against rarity" where it was run. */
  readonly rarity?: RarityExperiment;
  /** Said in plain words beside the results. */
  readonly notes: readonly string[];
}

/** The `site` of Shapley values over the patients of all sites. */
export const POOLED_SITE = 'pooled';

export interface StudySummary {
  readonly id: string;
  readonly hash: string;
  readonly task: string;
  /** The study file as written. */
  readonly source: string;
}

export interface TrackReport {
  readonly id: string;
  readonly title: string;
  /** Name of the metric that the track is judged by, e.g. `auroc`, `accuracy`, `cIndex`, `rmse`. */
  readonly primaryMetric: string;
  readonly seeds: readonly number[];
  /** Where each seed has a random split of its own: intervals and differences of strategies are then over splits. */
  readonly splits?: {
    readonly count: number;
    /** Test patients for each training patient, which widens the intervals. */
    readonly testPerTrain: number;
  };
  readonly sites: readonly SiteSummary[];
  /** Files of the sites, by table or modality; of the first seed. Absent or empty where there was none to read. */
  readonly intake?: readonly IntakeRow[];
  readonly modalities: readonly {
    readonly id: string;
    readonly kind: string;
    /** Null where too few sites hold it to be counted under masks. */
    readonly rarity: number | null;
    readonly parameters: number;
  }[];
  /** The study as it stands, first seed: curves, rounds and patients in detail. */
  readonly main: MainRun;
  /** The study as it stands and every baseline that was run; the first row is the study. */
  readonly strategies: readonly StrategyRow[];
  /** What noise on patients costs, where the experiment `privacy` was run. */
  readonly privacy?: PrivacyExperiment;
  readonly targets: readonly {
    readonly name: string;
    readonly target: number;
    readonly reached: number | null;
    readonly better: 'higher' | 'lower';
  }[];
}

export interface SiteSummary {
  readonly id: string;
  readonly patients: { readonly train: number; readonly validation: number; readonly test: number };
  /** Training patients having each modality; 0 where not held. */
  readonly modalityPatients: Readonly<Record<string, number>>;
  /** Share of positives (binary), else null. */
  readonly prevalence: number | null;
}

export interface IntakeRow {
  readonly site: string;
  /** A modality, or a table of records. */
  readonly subject: string;
  /** Files or notes that could be read; null for a table of records, of which these are not counted. */
  readonly filesRead: number | null;
  /** Files, or lines or messages of them, by the reason for which they were set aside. */
  readonly setAside: Readonly<Record<string, number>>;
}

export type MetricValues = Readonly<Record<string, number | null>>;

export interface MainRun {
  readonly seed: number;
  readonly modelHash: string;
  readonly chosenRound: number;
  readonly rounds: readonly RoundRow[];
  /** Per modality subset (names joined by "+"; the first is the full set): pooled test metrics. */
  readonly subsets: readonly {
    readonly subset: readonly string[];
    readonly patients: number;
    readonly pooled: MetricValues;
    readonly interval: readonly [number, number] | null;
  }[];
  /** Test metrics of the full subset per site, with the primary metric of training alone. */
  readonly perSite: readonly {
    readonly site: string;
    readonly patients: number;
    readonly metrics: MetricValues;
    readonly localOnly: number | null;
    readonly suppressed: boolean;
  }[];
  /** Reliability diagram of the pooled test patients: 15 equal-mass bins; empty for other tasks. */
  readonly calibration: readonly {
    readonly predicted: number;
    readonly observed: number;
    readonly patients: number;
  }[];
  /** Gaps by group. */
  readonly fairness: readonly {
    readonly group: string;
    readonly level: string;
    readonly patients: number;
    readonly metrics: MetricValues;
  }[];
  /** Shapley value of each modality on the primary validation metric, pooled (`site` is POOLED_SITE) and per site. */
  readonly shapley: readonly {
    readonly site: string;
    readonly modality: string;
    readonly value: number | null;
  }[];
  /** Primary metric as whole modalities are removed at random from a growing share of patients. */
  readonly degradation: readonly {
    readonly mechanism: string;
    readonly rate: number;
    readonly value: number | null;
  }[];
}

export interface RoundRow {
  readonly round: number;
  readonly loss: number | null;
  /** Validation value of the primary metric, where the round was evaluated. */
  readonly validation: number | null;
  readonly blocks: readonly {
    readonly block: string;
    readonly outcome: 'merged' | 'kept';
    readonly reason?: string;
    readonly contributors: readonly string[];
    /** L2 norm of the mean delta and of the server's step. */
    readonly deltaNorm: number | null;
    readonly stepNorm: number | null;
    readonly clipped: number;
  }[];
  /** Sites that declined, vanished or came late, with the reason. */
  readonly missing: readonly { readonly site: string; readonly reason: string }[];
}

export interface StrategyRow {
  readonly id: string;
  readonly title: string;
  readonly kind: 'study' | 'baseline' | 'sanity';
  /** Per seed, in the order of the track's seeds: pooled test metrics and the mean over sites of each metric. */
  readonly perSeed: readonly {
    readonly seed: number;
    readonly pooled: MetricValues;
    readonly meanSite: MetricValues;
    readonly worstSubset: number | null;
  }[];
  /**
   * 95 % interval of the primary pooled metric: bootstrap over patients, averaged over seeds. Of repeated splits: over
   * splits, corrected for what their training sets have in common (Nadeau & Bengio 2003, Machine Learning 52:239).
   */
  readonly interval: readonly [number, number] | null;
  /** Of repeated splits: sample deviation of the primary pooled metric. */
  readonly deviation?: number | null;
  /** Study minus this row on the primary metric: bootstrap paired by patient; of repeated splits: paired by split. */
  readonly difference: {
    readonly mean: number;
    readonly interval: readonly [number, number];
    readonly deviation?: number;
  } | null;
  readonly note?: string;
}

/** Each site in turn left out of training and judged as a new site, by a model that never saw it. */
export interface LeftOutReport {
  readonly primaryMetric: string;
  readonly seeds: readonly number[];
  readonly sites: readonly {
    readonly id: string;
    readonly patients: number;
    /** Share of positives (binary), else null. */
    readonly prevalence: number | null;
  }[];
  /** In the order of the tracks' strategies; the first row is the study. */
  readonly strategies: readonly LeftOutRow[];
  /** The study with either start of a new site's bias; null where the study has none. */
  readonly bias: LeftOutBias | null;
}

/** Of the primary metric; means over seeds, with bootstrap intervals over patients whose ends are averaged over seeds. */
export interface LeftOutRow {
  readonly id: string;
  readonly title: string;
  readonly kind: StrategyRow['kind'];
  /** In the order of the sites. Difference: study minus this row, paired by patient. */
  readonly perSite: readonly (Estimate & {
    readonly site: string;
    readonly difference: StrategyRow['difference'];
    readonly worstSubset: number | null;
  })[];
  /** The mean over the sites of each one's own figure; patients are drawn within their site. */
  readonly meanSite: Estimate;
  /** All patients together, each scored by the model that did not see their site. */
  readonly pooled: Estimate;
  /** Study minus this row in `meanSite`, paired by patient; null for the study. */
  readonly difference: Estimate | null;
  readonly note?: string;
}

export interface Estimate {
  readonly value: number | null;
  readonly interval: readonly [number, number] | null;
}

export interface LeftOutBias {
  /** The new site knows nothing of its labels: bias 0. */
  readonly zero: LeftOutMetrics;
  /** It knows its share of positives, here that of the test patients themselves, and nothing else. */
  readonly prevalence: LeftOutMetrics;
}

export interface LeftOutMetrics {
  readonly pooled: MetricValues;
  readonly perSite: readonly { readonly site: string; readonly metrics: MetricValues }[];
}

export interface RarityExperiment {
  readonly metric: string;
  readonly target: number;
  readonly points: readonly {
    readonly rarity: number;
    readonly beta: number;
    readonly seed: number;
    readonly rounds: number | null;
  }[];
}

/** The study under secure aggregation, without noise on patients and with ever more of it. */
export interface PrivacyExperiment {
  /** The first adds no noise. */
  readonly settings: readonly PrivacySettingReport[];
}

export interface PrivacySettingReport {
  /** What each site stays within, over all rounds; `null`: no noise, and no claim. */
  readonly epsilon: number | null;
  /** `difference`: without noise minus this. */
  readonly row: StrategyRow;
  /** Of each site that trains; of the first seed. Empty where there is no noise, or nothing could be run. */
  readonly claims: readonly {
    readonly site: string;
    readonly epsilon: number;
    readonly delta: number;
    /** z: deviation of the noise / clip norm. */
    readonly multiplier: number;
    readonly stepsPerRound: number;
    readonly rounds: number;
  }[];
}
