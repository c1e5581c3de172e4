/** How long the coordinator waits. Every wait ends, and every ending has a name in the report. */
export interface RoundPolicy {
  /**
   * Once every asked block has its quorum, the others are waited for this long, and at least half of the median
   * time that the answers took; those who still move are waited for until they have not for as long.
   */
  readonly graceMs: number;
  /** A round closes with what is there, or fails. */
  readonly roundLimitMs: number;
  /** A site that does not answer a stage of a secure session by then has vanished from it. */
  readonly secureStageMs: number;
  /** As `secureStageMs`, while masked vectors are sent; a site whose bytes moved within `secureStageMs` is waited for. */
  readonly secureUploadMs: number;
  /** How long enough signatures on the survivors, and then enough shares, are waited for: sites that reboot come back. */
  readonly secureGraceMs: number;
  readonly evaluationLimitMs: number;
  /** Sites that have not declared themselves by then are left out of the study. */
  readonly censusLimitMs: number;
  /** Sites that must have answered before grace counts, besides the `minHolders` of every block. */
  readonly quorumSites: number;
  /** The study pauses after so many failed rounds in a row; it ends where nobody is there to resume it. */
  readonly maxFailedRounds: number;
  /**
   * Whether accepted updates are stored until their round is committed. Without, a coordinator that restarts asks
   * all sites of the open round again; the result is the same, bit for bit.
   */
  readonly storeContributions: boolean;
}

const MINUTE_MS = 60_000;

export const DEFAULT_POLICY: RoundPolicy = {
  graceMs: 10 * MINUTE_MS,
  roundLimitMs: 24 * 60 * MINUTE_MS,
  secureStageMs: MINUTE_MS,
  secureUploadMs: 10 * MINUTE_MS,
  secureGraceMs: 24 * 60 * MINUTE_MS,
  evaluationLimitMs: 60 * MINUTE_MS,
  censusLimitMs: 24 * 60 * MINUTE_MS,
  quorumSites: 0,
  maxFailedRounds: 3,
  storeContributions: true,
};
