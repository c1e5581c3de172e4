import type { ContentHash, ModalityId, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { canonicalJson } from '../../shared/study/canonical.ts';
import type { MergeSpec } from '../../shared/study/study.ts';

/** What a site allows, defaults filled in. Nothing that is not in here is allowed. */
export interface SitePolicy {
  /** Nothing leaves, sessions end. */
  readonly kill: boolean;
  readonly studies: {
    readonly allow: readonly AllowedStudy[];
    /** Whose signed studies need no approval of their own. */
    readonly leads: readonly string[];
  };
  readonly modalities: { readonly release: readonly ModalityId[]; readonly never: readonly ModalityId[] };
  readonly cohort: {
    readonly kMin: number;
    readonly minPatients: number;
    readonly minCell: number;
    readonly soloRelease: { readonly maxEpsilon: number; readonly delta: number } | null;
    readonly pairWaiver: readonly SiteId[];
  };
  readonly secureAggregation: {
    readonly require: boolean;
    /** The most precise weights that are accepted. */
    readonly weights: MergeSpec['weights'];
    readonly maxSingletonChurn: number;
  };
  readonly privacy: {
    readonly mode: 'off' | 'record';
    readonly maxEpsilon: number | null;
    readonly maxEpsilonTotal: number | null;
    readonly maxDelta: number | null;
  };
  readonly update: {
    /** L2 norm. */
    readonly maxClip: number;
    readonly maxParameters: number;
    readonly requireModelChain: boolean;
  };
  readonly evaluation: { readonly metrics: readonly PolicyMetric[]; readonly perSite: boolean };
  readonly limits: {
    readonly rounds: number;
    /** Over the last 24 hours; 24 is no limit. */
    readonly trainingHoursPerDay: number;
    /** Over the last 24 hours. */
    readonly uploadMiBPerDay: number;
  };
  readonly schedule: { readonly train: TrainingWindow | null; readonly zone: string };
  readonly transport: { readonly inspected: boolean; readonly proxy: string | null };
}

/** A study of this hash may run until the end of the day, UTC. */
export interface AllowedStudy {
  readonly hash: ContentHash;
  /** `2027-06-30`. */
  readonly until: string;
}

/** Minutes after midnight; `from` above `to` spans midnight. */
export interface TrainingWindow {
  readonly from: number;
  readonly to: number;
}

/** What sums that leave a site can tell: histograms of scores give the first four, and all that follows from them. */
export const POLICY_METRICS = [
  'auroc',
  'auprc',
  'brier',
  'calibration',
  'rmse',
  'mae',
  'r2',
  'cIndex',
] as const;

export type PolicyMetric = (typeof POLICY_METRICS)[number];

/** SHA-256 over the policy's canonical JSON: layout and comments do not change it, any setting does. */
export function policyDigest(policy: SitePolicy): ContentHash {
  return sha256(canonicalJson(policy));
}

/** The first millisecond after the day, UTC. @param date `2027-06-30`, a day of the calendar. */
export function endOfDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) + 24 * 3_600_000;
}

/** Whether the text is a day of the calendar: `2027-06-30`, and no 31st of June. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}
