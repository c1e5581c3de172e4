import { setTimeout as pause } from 'node:timers/promises';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS } from '../../shared/transport/limits.ts';
import { askedPauseMs } from '../../shared/transport/status.ts';

export interface RetryOptions {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Uniform in [0, 1): the jitter. */
  readonly uniform: () => number;
  /** Told of each failure before the pause that follows it. */
  readonly onFailure?: (error: ConsiliumError, pauseMs: number) => void;
  /** Failures in a row after which it gives up; for ever unless given. */
  readonly tries?: number;
}

/**
 * Runs `attempt` until it succeeds, as long as what it fails with may pass: after 1 s, doubling to 30 s, each pause drawn
 * evenly from 0 to that (full jitter), and not before the other side asked for it (`reliability.md` §4).
 * @throws what cannot pass by waiting; the reason of `signal`.
 */
export async function retrying<Result>(
  attempt: () => Promise<Result>,
  options: RetryOptions,
): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    options.signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof ConsiliumError) || !error.spec.retryable || failures === options.tries)
        throw error;
      const limit = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (failures - 1));
      const askedMs = Math.min(askedPauseMs(error) ?? 0, BACKOFF_MAX_MS);
      const pauseMs = Math.max(askedMs, limit * options.uniform());
      options.onFailure?.(error, pauseMs);
      await pause(pauseMs, undefined, { signal: options.signal }).catch(() =>
        options.signal.throwIfAborted(),
      );
    }
  }
}
