import { describe, expect, it } from 'vitest';
import { replayWindow } from '../../../server/rpc/replay-window.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';

const BODY = sha256('a body');
const OTHER = sha256('another body');
const MISMATCH = { code: 'REPLAY_MISMATCH' };

/** An answer that counts how often it was worked out. */
function counted(length = 1): { readonly answer: () => Promise<Uint8Array>; readonly times: () => number } {
  let times = 0;
  return {
    answer: async () => {
      times += 1;
      return new Uint8Array(length).fill(times);
    },
    times: () => times,
  };
}

describe('the replay window of a session', () => {
  it('A4: gives the stored reply to the same number with the same body, without a second effect', async () => {
    const window = replayWindow();
    const { answer, times } = counted();
    const first = await window.once(7, BODY, answer);
    expect(await window.once(7, BODY, answer)).toEqual(first);
    expect(times()).toBe(1);
  });

  it('A4: shares one answer between two calls at a time', async () => {
    const window = replayWindow();
    const { answer, times } = counted();
    await Promise.all([window.once(1, BODY, answer), window.once(1, BODY, answer)]);
    expect(times()).toBe(1);
  });

  it('A4: refuses the same number with another body, and does nothing', async () => {
    const window = replayWindow();
    const { answer, times } = counted();
    await window.once(7, BODY, answer);
    await expect(window.once(7, OTHER, answer)).rejects.toMatchObject(MISMATCH);
    expect(times()).toBe(1);
  });

  it('keeps a number with its body where the answer failed, and tries that body again', async () => {
    const window = replayWindow();
    const failing = async () => Promise.reject(new Error('disk'));
    await expect(window.once(7, BODY, failing)).rejects.toThrow('disk');
    const { answer, times } = counted();
    await expect(window.once(7, OTHER, answer)).rejects.toMatchObject(MISMATCH);
    await window.once(7, BODY, answer);
    expect(times()).toBe(1);
  });

  it('works a reply of more than 4096 bytes out anew, and keeps one of 4096', async () => {
    const window = replayWindow();
    const long = counted(4097);
    const short = counted(4096);
    for (let i = 0; i < 2; i++) await window.once(1, BODY, long.answer);
    for (let i = 0; i < 2; i++) await window.once(2, BODY, short.answer);
    expect([long.times(), short.times()]).toEqual([2, 1]);
  });

  it('remembers the last 1024 numbers in any order, and refuses the one before them', async () => {
    const window = replayWindow();
    const { answer } = counted();
    await window.once(2000, BODY, answer);
    // 2000 - 1024 = 976 is the first number that is too old.
    await expect(window.once(976, BODY, answer)).rejects.toMatchObject(MISMATCH);
    await expect(window.once(977, BODY, answer)).resolves.toHaveLength(1);
    await expect(window.once(977, OTHER, answer)).rejects.toMatchObject(MISMATCH);
  });
});
