import { ConsiliumError } from '../core/errors.ts';

/** What a participant, or the coordinator, does not accept in a session; nothing secret is in it. */
export function refuse(what: string, expected: string, found: string): ConsiliumError {
  return new ConsiliumError('SECURE_SESSION_REFUSED', `${what}: expected ${expected}, got ${found}`);
}

/** @throws ConsiliumError `SECURE_SESSION_REFUSED` unless the ids are strictly in order, so that none occurs twice. */
export function requireOrder(what: string, ids: readonly string[]): void {
  const at = ids.findIndex((id, i) => i > 0 && (ids[i - 1] as string) >= id);
  if (at > 0) throw refuse(what, 'each once, in order', `${ids[at]} after ${ids[at - 1]}`);
}
