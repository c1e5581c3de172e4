import type { BackendName, BackendReport } from '../../shared/compute/backend.ts';
import { type Finding, failedBy } from '../../shared/core/finding.ts';

/**
 * Starts the compute backend as a run would.
 * @param choose `chooseBackend`, or a test's own.
 */
export async function checkBackend(
  prefer: BackendName | 'auto',
  choose: (options: { prefer: BackendName | 'auto' }) => Promise<BackendReport>,
): Promise<Finding> {
  const check = 'backend';
  try {
    const { name, engine, threads, whyNotFaster, hint } = await choose({ prefer });
    const found = `${name} (${engine}, ${threads} thread${threads === 1 ? '' : 's'} per operation)`;
    if (whyNotFaster === undefined) return { check, state: 'ok', found };
    return { check, state: 'warning', found, cause: `not ${whyNotFaster}`, fix: hint ?? 'none is known' };
  } catch (error) {
    return failedBy(check, error, 'does not start', 'use --backend auto');
  }
}
