/** Why the policy does not allow it. */
export interface Refusal {
  /** Of the policy: `limits.rounds`. */
  readonly field: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** Completes "got …". */
  readonly found: string;
}
