import type { CommandResult } from '../../../shared/core/command-io.ts';
import { plural } from '../../../shared/core/plural.ts';
import { rosterWords } from '../../../shared/identity/fingerprint.ts';
import { isTrial, type SignedRoster } from '../../../shared/identity/roster.ts';

/** What a command did to a roster. */
export interface RosterOutcome {
  /** First line: what was done. */
  readonly done: string;
  readonly signed: SignedRoster;
  /** Signatures that it still lacks; 0: it is in force. */
  readonly missing: number;
  readonly difference: readonly string[];
  readonly path: string;
  /** Further lines, and for programs further fields. */
  readonly lines?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The outcome for people and for programs, with what is to be done next. */
export function rosterResult(outcome: RosterOutcome): CommandResult {
  const { done, signed, missing, difference, path, lines = [], data = {} } = outcome;
  const { roster, hash } = signed;
  const words = roster.version === 1 && missing === 0 ? rosterWords(hash) : undefined;
  const text = [
    ...(isTrial(roster) ? [TRIAL] : []),
    done,
    ...difference.map((line) => `  ${line}`),
    ...lines,
    missing === 0
      ? `roster ${roster.version} is in force: ${path}`
      : `roster ${roster.version} still needs ${plural(missing, 'signature')}: ${path}`,
    ...(words === undefined ? [] : [`the consortium's eight words: ${words}`]),
    ...(missing === 0 ? [] : [nextStep(signed)]),
  ];
  return {
    text: text.join('\n'),
    data: {
      consortium: roster.consortium,
      trial: isTrial(roster),
      version: roster.version,
      hash: `sha256:${hash}`,
      inForce: missing === 0,
      missingSignatures: missing,
      signedBy: signed.signatures.map(({ officer }) => officer),
      difference,
      file: path,
      ...(words === undefined ? {} : { words }),
      ...data,
    },
  };
}

export const TRIAL = 'trial consortium: one officer decides alone';

function nextStep({ roster }: SignedRoster): string {
  const isJoining = roster.version === 1 && roster.officers.length < roster.threshold;
  return isJoining
    ? `next, another officer: consilium consortium init --join roster-${roster.version}.json --officer ID`
    : `next, another officer: consilium consortium roster sign roster-${roster.version}.json --officer ID`;
}
