import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { stillness } from '../../../simulations/engine/stillness.ts';

/** A promise that somebody else resolves. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Long enough for everything that would happen by itself. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await setImmediate();
}

function counted(participants: number, onMove: () => Promise<void> = async () => {}) {
  let moves = 0;
  const still = stillness(participants, async () => {
    moves++;
    await onMove();
  });
  return { still, moves: () => moves };
}

describe('stillness', () => {
  it('does not move time while somebody works', async () => {
    const { still, moves } = counted(3);
    const released = still.untilMoved();
    const coordinator = gate();
    const waiting = still.whileWaiting(() => coordinator.opened);
    await settle();
    // The third is at work.
    expect(moves()).toBe(0);
    const third = gate();
    const last = still.whileWaiting(() => third.opened);
    await released;
    expect(moves()).toBe(1);
    coordinator.open();
    third.open();
    await Promise.all([waiting, last]);
  });

  it('does not move time where nobody is late', async () => {
    const { still, moves } = counted(2);
    const coordinator = gate();
    const waiting = [1, 2].map(() => still.whileWaiting(() => coordinator.opened));
    await settle();
    expect(moves()).toBe(0);
    coordinator.open();
    await Promise.all(waiting);
  });

  it('moves time before it lets anyone go, and lets all go at once', async () => {
    const order: string[] = [];
    const { still, moves } = counted(2, async () => {
      await setImmediate();
      order.push('moved');
    });
    const late = [1, 2].map((i) => still.untilMoved().then(() => order.push(`straggler ${i}`)));
    await Promise.all(late);
    expect(order).toEqual(['moved', 'straggler 1', 'straggler 2']);
    expect(moves()).toBe(1);
  });

  it('hears those who were woken in the same turn first', async () => {
    const { still, moves } = counted(2);
    const coordinator = gate();
    const waiting = still.whileWaiting(() => coordinator.opened);
    const released = still.untilMoved();
    // Woken at the very moment at which everything was still: it has something to do now.
    coordinator.open();
    await waiting;
    await settle();
    expect(moves()).toBe(0);
    still.leave();
    await released;
    expect(moves()).toBe(1);
  });

  it('does not wait for those who left', async () => {
    const { still, moves } = counted(3);
    const released = still.untilMoved();
    still.leave();
    await settle();
    expect(moves()).toBe(0);
    still.leave();
    await released;
    expect(moves()).toBe(1);
  });

  it('counts a straggler as at work again once it was let go', async () => {
    const { still, moves } = counted(2);
    await Promise.all([still.untilMoved(), still.untilMoved()]);
    // Both work again; one of them is late once more, and the other is not done yet.
    const released = still.untilMoved();
    await settle();
    expect(moves()).toBe(1);
    still.leave();
    await released;
    expect(moves()).toBe(2);
  });

  it('counts a wait that failed as ended', async () => {
    const { still, moves } = counted(2);
    const failed = still.whileWaiting(async () => {
      throw new Error('aborted');
    });
    await expect(failed).rejects.toThrow('aborted');
    const released = still.untilMoved();
    await settle();
    expect(moves()).toBe(0);
    still.leave();
    await released;
  });

  it('tells every straggler when time could not be moved', async () => {
    const still = stillness(2, async () => {
      throw new Error('the store is gone');
    });
    const late = await Promise.allSettled([still.untilMoved(), still.untilMoved()]);
    expect(late.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
