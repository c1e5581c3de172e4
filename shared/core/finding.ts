import { ConsiliumError } from './errors.ts';

/** What one check found: fine, or a symptom with its cause and its cure. */
export type Finding =
  | { readonly check: string; readonly state: 'ok'; readonly found: string }
  | {
      readonly check: string;
      /** `warning`: works, but worse than it could. `failed`: something will not run. */
      readonly state: 'warning' | 'failed';
      readonly found: string;
      readonly cause: string;
      readonly fix: string;
    };

/** A check that ended with an error of ours: its message is the cause. @throws any other error, as it is. */
export function failedBy(check: string, error: unknown, found: string, fix: string): Finding {
  if (!(error instanceof ConsiliumError)) throw error;
  return { check, state: 'failed', found, cause: error.message, fix: error.hint ?? fix };
}

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

/** One line for each finding, and below it the cause and the cure where something is wrong. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap((finding) => {
      const first = `${MARKS[finding.state]}  ${finding.check.padEnd(width)}  ${finding.found}`;
      const indent = ' '.repeat(MARKS.ok.length + width + 4);
      if (finding.state === 'ok') return [first];
      return [first, `${indent}cause: ${finding.cause}`, `${indent}fix:   ${finding.fix}`];
    })
    .join('\n');
}
