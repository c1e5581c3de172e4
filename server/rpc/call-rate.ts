import type { Clock } from '../../shared/core/clock.ts';
import { turnedAway } from '../../shared/transport/status.ts';
import type { Session } from './sessions.ts';

/** How often a session may make a call that costs the coordinator's disk a line. */
export interface CallRate {
  /** Counts a call. @throws ConsiliumError `BUSY`, with the time until one more is welcome. */
  count(session: Session): void;
}

/** @param rate.most calls of a session within any `withinMs`. */
export function callRate(rate: {
  /** Monotonic. */
  readonly clock: Clock;
  readonly most: number;
  readonly withinMs: number;
}): CallRate {
  const { clock, most, withinMs } = rate;
  /** When the last calls of a session came, at most `most`. */
  const times = new WeakMap<Session, readonly number[]>();
  return {
    count(session) {
      const nowMs = clock.now();
      const recent = (times.get(session) ?? []).filter((timeMs) => nowMs - timeMs < withinMs);
      const [oldest] = recent;
      if (oldest !== undefined && recent.length >= most) {
        throw turnedAway(
          `${session.sender}: expected at most ${most} of these calls in ${withinMs / 1000} s, got one more`,
          oldest + withinMs - nowMs,
        );
      }
      times.set(session, [...recent, nowMs]);
    },
  };
}
