import { describe, expect, it } from 'vitest';
import { retrying } from '../../../client/rpc/retry.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';

const never = new AbortController().signal;
const unreachable = (cause?: unknown) => new ConsiliumError('UNREACHABLE', 'no line', { cause });

/** Fails with each error in turn, then succeeds. */
function failing(errors: readonly unknown[]) {
  const left = [...errors];
  let calls = 0;
  return {
    attempt: async () => {
      calls += 1;
      if (left.length > 0) throw left.shift();
      return 'done';
    },
    calls: () => calls,
  };
}

async function pauses(count: number, uniform: number, error = unreachable()): Promise<number[]> {
  const told: number[] = [];
  const { attempt } = failing(Array.from({ length: count }, () => error));
  await retrying(attempt, {
    signal: never,
    uniform: () => uniform,
    onFailure: (_error, pauseMs) => told.push(pauseMs),
  });
  return told;
}

describe('retrying', () => {
  it('draws each pause evenly up to 1 s, doubling to 30 s', async () => {
    // A thousandth of 1, 2, 4, 8, 16, 30 and 30 s.
    const expected = [1, 2, 4, 8, 16, 30, 30];
    for (const [i, pauseMs] of (await pauses(7, 0.001)).entries())
      expect(pauseMs).toBeCloseTo(expected[i] as number, 9);
  });

  it('may pause for no time at all, so that those who were cut together do not come back together', async () => {
    expect(await pauses(3, 0)).toEqual([0, 0, 0]);
  });

  it('comes back no sooner than the other side asked for', async () => {
    expect(await pauses(2, 0, unreachable({ retryAfterMs: 25 }))).toEqual([25, 25]);
  });

  it('is not put off for longer than its own longest pause', async () => {
    const abort = new AbortController();
    const told: number[] = [];
    const { attempt } = failing([unreachable({ retryAfterMs: 10 ** 9 })]);
    const waiting = retrying(attempt, {
      signal: abort.signal,
      uniform: () => 0,
      onFailure: (_error, pauseMs) => {
        told.push(pauseMs);
        abort.abort(new Error('stopped'));
      },
    });
    await expect(waiting).rejects.toThrow('stopped');
    expect(told).toEqual([30_000]);
  });

  it.each([
    'REVOKED',
    'FENCED',
    'INCOMPATIBLE',
    'UNAUTHENTICATED',
    'CLOCK_SKEW',
    'PERMISSION_DENIED',
    'WIRE_INVALID',
    'REPLAY_MISMATCH',
    'EQUIVOCATION',
  ] as const)('gives up at once on %s, which no waiting cures', async (code) => {
    const { attempt, calls } = failing([new ConsiliumError(code, 'refused')]);
    await expect(retrying(attempt, { signal: never, uniform: () => 0 })).rejects.toMatchObject({ code });
    expect(calls()).toBe(1);
  });

  it.each(['UNREACHABLE', 'TIMED_OUT', 'BUSY', 'SESSION_CLOSED'] as const)(
    'tries again after %s',
    async (code) => {
      const { attempt, calls } = failing([new ConsiliumError(code, 'for now')]);
      expect(await retrying(attempt, { signal: never, uniform: () => 0 })).toBe('done');
      expect(calls()).toBe(2);
    },
  );

  it('gives up on a fault of our own', async () => {
    const { attempt, calls } = failing([new TypeError('a bug')]);
    await expect(retrying(attempt, { signal: never, uniform: () => 0 })).rejects.toThrow('a bug');
    expect(calls()).toBe(1);
  });

  it('gives up after as many failures as it was told', async () => {
    const { attempt, calls } = failing(Array.from({ length: 9 }, () => unreachable()));
    const tries = { signal: never, uniform: () => 0, tries: 3 };
    await expect(retrying(attempt, tries)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(calls()).toBe(3);
  });

  it('stops waiting when it is told to stop', async () => {
    const abort = new AbortController();
    const { attempt, calls } = failing([unreachable(), unreachable()]);
    const waiting = retrying(attempt, {
      signal: abort.signal,
      uniform: () => 0.999,
      onFailure: () => abort.abort(new Error('stopped')),
    });
    await expect(waiting).rejects.toThrow('stopped');
    expect(calls()).toBe(1);
  });
});
