import { failpointWatch, parseFailpoint, watchDurableWrites } from '../shared/core/failpoint.ts';

/**
 * Makes this process die at the durable write that CONSILIUM_FAILPOINT names: for tests of recovery.
 * @throws ConsiliumError `BAD_ARGUMENT`.
 */
export function armFailpoint(): void {
  const text = process.env['CONSILIUM_FAILPOINT'] ?? '';
  if (text === '') return;
  watchDurableWrites(failpointWatch(parseFailpoint(text), () => process.kill(process.pid, 'SIGKILL')));
}
