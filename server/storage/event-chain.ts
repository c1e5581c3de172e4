import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { EventHead, NewEvent, StoredEvent } from './ports.ts';

export const FIRST_PREV = '0'.repeat(64) as ContentHash;
export const NO_EVENT: EventHead = { seq: 0, hash: FIRST_PREV };

/** Numbers the events and chains their hashes on to `last`. */
export function linkEvents(
  events: readonly NewEvent[],
  last: Pick<StoredEvent, 'seq' | 'hash'> | undefined,
): StoredEvent[] {
  let seq = last?.seq ?? 0;
  let prev = last?.hash ?? FIRST_PREV;
  return events.map((event) => {
    seq += 1;
    const linked = { ...event, seq, prev, hash: eventHash(event, seq, prev) };
    prev = linked.hash;
    return linked;
  });
}

/** @throws ConsiliumError `STATE_CORRUPT` naming the first seq that is missing, out of order or changed. */
export function verifyChain(events: readonly StoredEvent[]): void {
  let prev = FIRST_PREV;
  for (const [i, event] of events.entries()) {
    const seq = i + 1;
    if (event.seq !== seq || event.prev !== prev || event.hash !== eventHash(event, seq, prev)) {
      throw new ConsiliumError('STATE_CORRUPT', `event ${seq}: the chain of hashes is broken`, {
        hint: 'Restore the store from a backup.',
      });
    }
    prev = event.hash;
  }
}

/** Every field with its length before it, so that no two rows hash alike. */
function eventHash(event: NewEvent, seq: number, prev: ContentHash): ContentHash {
  const { timeMs, type, version, round, key, payload } = event;
  const fields = [prev, seq, timeMs, type, version, round, key, payload].map(String);
  return sha256(...fields.map((field) => `${field.length}:${field}`));
}
