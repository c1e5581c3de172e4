import { ConsiliumError } from '../../shared/core/errors.ts';

const FOR_A_PERSON = new Set([
  'REVOKED',
  'FENCED',
  'INCOMPATIBLE',
  'UNAUTHENTICATED',
  'CLOCK_SKEW',
  'COORDINATOR_ROLLED_BACK',
]);

/** Whether a failure cannot pass by waiting: the daemon then ends, for a person to look at it. */
export function needsPerson(error: unknown): boolean {
  return error instanceof ConsiliumError && FOR_A_PERSON.has(error.code);
}

/** A failure as the log has it. */
export function failureFacts(error: unknown): { readonly code: string; readonly message: string } {
  return { code: codeOf(error), message: error instanceof Error ? error.message : String(error) };
}

export function codeOf(error: unknown): string {
  return error instanceof ConsiliumError ? error.code : 'INTERNAL';
}
