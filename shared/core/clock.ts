/** Time as a port, so that a simulation can own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Stands still until `advance` moves it. */
export function virtualClock(startMs = 0): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}

/** For waits: it never jumps, and means nothing to another process. */
export const monotonicClock: Clock = { now: () => performance.now() };

/**
 * The wall clock's time at the first call, and from then on as much more as the monotonic clock says has passed: what
 * waits are measured by where their start is stored. A wall clock that is set anew, or jumps, moves it by nothing.
 */
export function steadyClock(wall: Clock, monotonic: Clock): Clock {
  const offsetMs = wall.now() - monotonic.now();
  return { now: () => offsetMs + monotonic.now() };
}
