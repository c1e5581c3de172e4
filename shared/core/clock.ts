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
