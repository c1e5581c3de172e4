import { describe, expect, it } from 'vitest';
import { inLanes } from '../../../../client/data/media/in-lanes.ts';

describe('inLanes', () => {
  it('does the work of each item once, and no more than so many at a time', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await inLanes([10, 11, 12, 13, 14], 2, async (item, index) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done[index] = item;
    });
    expect(done).toEqual([10, 11, 12, 13, 14]);
    expect(most).toBe(2);
  });

  it('waits after a failure for what was begun, and begins nothing more', async () => {
    const ended: number[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const work = inLanes([0, 1, 2, 3], 2, async (item) => {
      if (item === 0) {
        await held;
        // Later than a caller would go on who did not wait.
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        ended.push(item);
        return;
      }
      // Only after this failure does the other item go on.
      release();
      throw new Error(`item ${item}`);
    });
    await expect(work).rejects.toThrow('item 1');
    expect(ended).toEqual([0]);
  });
});
