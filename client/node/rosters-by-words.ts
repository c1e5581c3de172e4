import type { Clock } from '../../shared/core/clock.ts';
import { memoryRosters, openMembership } from '../../shared/identity/membership.ts';
import type { SignedRoster } from '../../shared/identity/roster.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { fetchFirstRosters } from '../rpc/first-contact.ts';

/**
 * The rosters of a consortium that nothing is held of but its words, each checked against the one before.
 * @param options.address `host:port` of the door for people. @param options.asking signs; nobody can check it yet.
 * @returns from version 1 to the one in force.
 * @throws ConsiliumError `WORDS_MISMATCH`, `ROSTER_INVALID`, `UNREACHABLE`, `TIMED_OUT`, `CLOCK_SKEW`.
 */
export async function rostersByWords(options: {
  readonly address: string;
  readonly words: string;
  readonly asking: Signer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<readonly SignedRoster[]> {
  const [first, ...rest] = await fetchFirstRosters(options);
  const membership = await openMembership({
    store: memoryRosters(),
    pinned: { words: options.words },
    first: first as Uint8Array,
  });
  for (const bytes of rest) await membership.accept(bytes);
  return membership.after(0);
}
