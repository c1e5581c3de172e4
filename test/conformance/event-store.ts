import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../server/storage/event-chain.ts';
import type { EventStore, NewEvent } from '../../server/storage/ports.ts';

export function newEvent(key: string, payload = '{}'): NewEvent {
  return { timeMs: 1_700_000_000_123.5, type: 'study.finished', version: 1, round: 7, key, payload };
}

/** What every event store must do. `open` gives an empty one each time. */
export function eventStoreConformance(name: string, open: () => Promise<EventStore>): void {
  describe(`${name} as an event store`, () => {
    it('gives back what was appended, in order, numbered from 1 and chained', async () => {
      const store = await open();
      await store.append([newEvent('a', '{"x":"ü\\u0000\\n"}'), newEvent('b')]);
      await store.append([newEvent('c')]);
      const events = await store.read();
      expect(events.map(({ seq, key }) => [seq, key])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ]);
      expect(events[0]).toMatchObject(newEvent('a', '{"x":"ü\\u0000\\n"}'));
      verifyChain(events);
      expect(await store.read(1)).toEqual(events.slice(1));
      expect(await store.read(3)).toEqual([]);
      await store.close();
    });

    it('is empty at first, and takes an empty batch', async () => {
      const store = await open();
      await store.append([]);
      expect(await store.read()).toEqual([]);
      await store.close();
    });

    it('refuses a key that is stored already, with all of its batch', async () => {
      const store = await open();
      await store.append([newEvent('a')]);
      await expect(store.append([newEvent('b'), newEvent('a')])).rejects.toMatchObject({
        code: 'STATE_MISMATCH',
      });
      await expect(store.append([newEvent('c'), newEvent('c')])).rejects.toMatchObject({
        code: 'STATE_MISMATCH',
      });
      await store.append([newEvent('d')]);
      const events = await store.read();
      expect(events.map(({ key }) => key)).toEqual(['a', 'd']);
      verifyChain(events);
      await store.close();
    });

    it('hands out rows that later appends do not change', async () => {
      const store = await open();
      await store.append([newEvent('a')]);
      const before = await store.read();
      await store.append([newEvent('b')]);
      expect(before).toHaveLength(1);
      await store.close();
    });
  });
}
