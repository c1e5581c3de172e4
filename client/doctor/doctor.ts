import type { BackendName } from '../../shared/compute/backend.ts';
import type { CommandResult } from '../../shared/core/command-io.ts';
import { type Finding, findingsText } from '../../shared/core/finding.ts';
import { checkBackend } from './backend-check.ts';
import { checkLibraries } from './library-checks.ts';
import { readMachine } from './machine.ts';
import { checkMachine } from './machine-checks.ts';

/** Whether this machine can run a study: every check, whatever an earlier one found. Exit code 1 if one failed. */
export async function runDoctor(options: {
  readonly backend: BackendName | 'auto';
  /** Where a run would write. */
  readonly folder: string;
}): Promise<CommandResult> {
  const { chooseBackend } = await import('../../shared/compute/backend.ts');
  return doctorResult([
    ...checkMachine(await readMachine(options.folder)),
    await checkBackend(options.backend, chooseBackend),
    ...(await checkLibraries()),
  ]);
}

/** @param what it is that is ready. */
export function doctorResult(findings: readonly Finding[], what = 'This machine'): CommandResult {
  const failed = findings.filter(({ state }) => state === 'failed').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  const verdict =
    failed > 0
      ? `${failed} of ${findings.length} checks failed.`
      : `${what} is ready${warnings > 0 ? `, with ${warnings} warning${warnings === 1 ? '' : 's'}` : ''}.`;
  return {
    text: `${findingsText(findings)}\n\n${verdict}`,
    data: { isReady: failed === 0, findings },
    exitCode: failed > 0 ? 1 : 0,
  };
}
