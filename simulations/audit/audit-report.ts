/** What the attacks on a study came to. `null` where a figure is not defined. */
export interface AuditReport {
  readonly inversion: InversionReport;
  readonly claim: ClaimAudit;
  readonly membership: MembershipReport;
  readonly canaries: CanaryScan;
  readonly seconds: number;
}

/** A grey picture, row by row, 0 black to 1 white. */
export interface Picture {
  readonly width: number;
  readonly pixels: readonly number[];
}

/** Pictures of patients from updates. */
export interface InversionReport {
  /** Peak signal-to-noise ratio, in dB, from which on a picture counts as recognized. */
  readonly recognizedFrom: number;
  /** What a grey picture gets that looks at nothing: mean over the pictures. */
  readonly blindGuess: number;
  readonly attacks: readonly InversionAttack[];
}

export interface InversionAttack {
  readonly id: string;
  readonly title: string;
  readonly encoder: string;
  /** Whether this is what the audited study does. */
  readonly isStudy: boolean;
  /** In dB, one for each picture that was attacked. */
  readonly psnr: readonly number[];
  readonly pairs: readonly { readonly truth: Picture; readonly found: Picture }[];
  readonly meaning: string;
}

/** The epsilon that an attacker proved, beside the one that was claimed. */
export interface ClaimAudit {
  /** Of the site with the most training patients; `null` where the study claims nothing. */
  readonly claimed: number | null;
  readonly delta: number;
  readonly confidence: number;
  readonly canaries: number;
  readonly noised: GuessedCanaries | null;
  /** The same attack where neither clip nor noise is. */
  readonly bare: GuessedCanaries;
}

export interface GuessedCanaries {
  readonly guesses: number;
  readonly right: number;
  /** Epsilon is above it, with the confidence of the audit. */
  readonly lowerBound: number;
}

/** Whether the published model tells who trained it. */
export interface MembershipReport {
  /** Why there is none. */
  readonly reason?: string;
  /** All patients first, then the rarest patterns, rarest first. */
  readonly rows: readonly MembershipRow[];
}

export interface MembershipRow {
  readonly pattern: readonly string[] | 'all';
  /** Who trained, and who only tested the model. */
  readonly members: number;
  readonly others: number;
  readonly auc: number | null;
  readonly aucInterval: readonly [number, number] | null;
  /** Share of the members that are found where 1 % of the others are mistaken for members; `null` below 100 others. */
  readonly tpr: number | null;
  readonly tprInterval: readonly [number, number] | null;
  /** Points of the ROC curve, from (0, 0) to (1, 1). */
  readonly curve: readonly (readonly [falsePositives: number, truePositives: number])[];
}

/** Planted words in what left the sites. */
export interface CanaryScan {
  readonly planted: number;
  readonly messages: number;
  readonly bytes: number;
  readonly hits: readonly { readonly site: string; readonly kind: string; readonly encoding: string }[];
  /** Whether the scan finds a planted word that is hidden in a message on purpose, in each encoding. */
  readonly controlFound: boolean;
}
